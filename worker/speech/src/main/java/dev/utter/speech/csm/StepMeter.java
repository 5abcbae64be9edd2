package dev.utter.speech.csm;

import dev.utter.speech.AudioCodes;
import dev.utter.speech.SynthesisOptions;
import dev.utter.speech.checkpoint.Checkpoint;
import dev.utter.speech.text.Prompt;
import dev.utter.speech.torch.TorchEngine;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/**
 * The language model's frame loop with a clock: prompts in, so many frames out whatever they are,
 * the end of the audio included.
 *
 * <p>Threading: not safe, one thread at a time.
 */
public final class StepMeter implements AutoCloseable {

  private final CsmProgram program;
  private final int codebooks;
  private final int prefillChunk;

  private StepMeter(CsmProgram program, int codebooks, int prefillChunk) {
    this.program = program;
    this.codebooks = codebooks;
    this.prefillChunk = prefillChunk;
  }

  /** Loads the language model of a checkpoint. */
  public static StepMeter load(
      TorchEngine engine, Checkpoint checkpoint, GenerationSettings settings) {
    return new StepMeter(
        CsmProgram.load(engine, checkpoint),
        checkpoint.config().codebooks(),
        settings.prefillChunk());
  }

  /** How matrices are stored and multiplied by, by their shapes {@code out x in}. */
  public SortedMap<String, String> kernels() {
    return Collections.unmodifiableSortedMap(program.kernels());
  }

  /**
   * One run.
   *
   * @param prefill time all prompts took
   * @param steps time of each step; a step gives one frame to every prompt
   * @param codes what was generated, by prompt
   */
  public record Run(Duration prefill, List<Duration> steps, List<AudioCodes> codes) {}

  /** Runs prompts side by side, each in a slot of its own. */
  public Run run(List<Prompt> prompts, SynthesisOptions options) {
    int frames = options.maxFrames();
    int longest = prompts.stream().mapToInt(Prompt::positions).max().orElseThrow();
    program.reserve(prompts.size(), longest + frames);
    long begin = System.nanoTime();
    for (int slot = 0; slot < prompts.size(); slot++) {
      join(slot, prompts.get(slot), options);
    }
    long last = System.nanoTime();
    final Duration prefill = Duration.ofNanos(last - begin);
    List<Duration> steps = new ArrayList<>();
    int[][] codes = new int[prompts.size()][frames * codebooks];
    for (int frame = 0; frame < frames; frame++) {
      List<Optional<int[]>> step =
          program.step(
              prompts.size(), prompts.size(), longest + frame, program.topK(options), new long[0]);
      long now = System.nanoTime();
      steps.add(Duration.ofNanos(now - last));
      last = now;
      for (int slot = 0; slot < step.size(); slot++) {
        System.arraycopy(
            step.get(slot).orElseThrow(), 0, codes[slot], frame * codebooks, codebooks);
      }
    }
    List<AudioCodes> bySlot = new ArrayList<>();
    for (int[] own : codes) {
      bySlot.add(new AudioCodes(codebooks, own));
    }
    return new Run(prefill, List.copyOf(steps), List.copyOf(bySlot));
  }

  private void join(int slot, Prompt prompt, SynthesisOptions options) {
    int last = prompt.positions() - 1;
    try (KeyValues keyValues = program.newKeyValues(last)) {
      for (int from = 0; from < last; from += prefillChunk) {
        program.prefill(keyValues, prompt, from, Math.min(last, from + prefillChunk));
      }
      program.join(slot, keyValues, prompt.rows(last, last + 1), last, 0, options);
    }
  }

  @Override
  public void close() {
    program.close();
  }
}
