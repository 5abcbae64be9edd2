package dev.utter.speech.csm;

import dev.utter.speech.SynthesisOptions;
import dev.utter.speech.text.Prompt;
import dev.utter.speech.torch.GraphPool;
import dev.utter.speech.torch.TorchEngine;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compares replayed steps with plain ones of the same shapes, before replayed ones are used: two
 * slots are stepped both ways and must get the same codes.
 */
public final class GraphCheck {

  private static final Logger LOGGER = LoggerFactory.getLogger(GraphCheck.class);
  private static final int SLOTS = 2;
  private static final int POSITIONS = 256;
  private static final int TOP_K = 50;

  /** Enough that most steps are replayed. */
  private static final int STEPS = FrameSteps.WARM_UP + 6;

  private final TorchEngine engine;
  private final CsmProgram program;

  public GraphCheck(TorchEngine engine, CsmProgram program) {
    this.engine = engine;
    this.program = program;
  }

  /**
   * Replayed steps if the pool gives the right codes, else plain ones. Takes ownership of the pool.
   */
  public FrameSteps checked(GraphPool pool) {
    FrameSteps steps = FrameSteps.replayed(engine, program, pool);
    try {
      StepShape limits = new StepShape(SLOTS, POSITIONS, program.maxTopK());
      program.reserve(limits.slots(), limits.positions());
      StepShape shape = StepShape.around(SLOTS, STEPS, TOP_K, limits);
      List<int[]> plain = codes(step -> program.step(shape, SLOTS));
      List<int[]> replayed = codes(step -> steps.step(SLOTS, step, TOP_K, limits));
      int codes = plain.size() * program.codebooks();
      int different = different(plain, replayed);
      if (different > 0) {
        LOGGER
            .atWarn()
            .addKeyValue("codes", codes)
            .addKeyValue("different", different)
            .log("Frame steps replayed from graphs give other codes, steps stay plain ones");
        steps.stayPlain(different + " of " + codes + " codes of replayed steps were different");
      }
      steps.forget();
      program.reserve(0, 0);
      return steps;
    } catch (RuntimeException e) {
      steps.close();
      throw e;
    }
  }

  /** Codes by step and slot. A slot whose numbers are not finite gets codes that do not exist. */
  private List<int[]> codes(IntFunction<List<Optional<int[]>>> step) {
    int[] row = new int[program.codebooks() + 1];
    Arrays.fill(row, 1);
    row[program.codebooks()] = Prompt.NO_TEXT;
    try (KeyValues empty = program.newKeyValues(0)) {
      for (int slot = 0; slot < SLOTS; slot++) {
        program.join(slot, empty, row, 0, 0, new SynthesisOptions(STEPS, 1, TOP_K, slot));
      }
    }
    int[] none = new int[program.codebooks()];
    Arrays.fill(none, -1);
    return IntStream.rangeClosed(1, STEPS)
        .mapToObj(step)
        .flatMap(List::stream)
        .map(frame -> frame.orElse(none))
        .toList();
  }

  private static int different(List<int[]> plain, List<int[]> replayed) {
    int different = 0;
    for (int i = 0; i < plain.size(); i++) {
      for (int codebook = 0; codebook < plain.get(i).length; codebook++) {
        different += plain.get(i)[codebook] == replayed.get(i)[codebook] ? 0 : 1;
      }
    }
    return different;
  }
}
