package dev.utter.speech.csm;

import ai.djl.ndarray.NDManager;
import dev.utter.speech.torch.GraphPool;
import dev.utter.speech.torch.TorchEngine;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Frame steps, replayed from CUDA graphs where the device supports them. The first steps of a shape
 * are plain, so that libraries load what they need; the next one is recorded, and later ones are
 * replayed. After a recording has failed, all steps are plain.
 *
 * <p>Threading: not safe, one thread at a time.
 */
public final class FrameSteps implements AutoCloseable {

  private static final Logger LOGGER = LoggerFactory.getLogger(FrameSteps.class);

  /** Plain steps of a shape before it is recorded. */
  public static final int WARM_UP = 2;

  /**
   * Maximum number of recorded shapes. Each takes memory; beyond it, all recordings are dropped.
   */
  static final int MAX_SHAPES = 32;

  private final TorchEngine engine;
  private final CsmProgram program;
  private final Map<StepShape, Integer> taken = new HashMap<>();
  private Optional<GraphPool> graphs;
  private Optional<String> whyPlain;

  private FrameSteps(
      TorchEngine engine,
      CsmProgram program,
      Optional<GraphPool> graphs,
      Optional<String> whyPlain) {
    this.engine = engine;
    this.program = program;
    this.graphs = graphs;
    this.whyPlain = whyPlain;
  }

  /** Plain steps only. */
  public static FrameSteps plain(TorchEngine engine, CsmProgram program, String why) {
    return new FrameSteps(engine, program, Optional.empty(), Optional.of(why));
  }

  /** Replayed steps. The pool is closed with them. */
  public static FrameSteps replayed(TorchEngine engine, CsmProgram program, GraphPool graphs) {
    return new FrameSteps(engine, program, Optional.of(graphs), Optional.empty());
  }

  /**
   * The fastest steps that give the same codes as plain ones.
   *
   * @param wanted whether recordings may be used
   */
  public static FrameSteps start(TorchEngine engine, CsmProgram program, boolean wanted) {
    Optional<String> lack = wanted ? engine.lackOfGraphs() : Optional.of("graphs is false");
    if (lack.isPresent()) {
      return plain(engine, program, lack.get());
    }
    FrameSteps steps = new GraphCheck(engine, program).checked(engine.newGraphPool());
    LOGGER
        .atInfo()
        .addKeyValue("graphs", steps.whyPlain.isEmpty())
        .log("Compared frame steps replayed from graphs with plain ones");
    return steps;
  }

  /**
   * One frame for each of the first {@code running} slots.
   *
   * @param maxLength the largest number of positions of a slot, the one this step adds included
   * @param maxTopK their largest top-k
   * @param limits reserved slots and positions, and the maximum top-k
   */
  public List<Optional<int[]>> step(int running, int maxLength, int maxTopK, StepShape limits) {
    if (graphs.isEmpty()) {
      return program.step(running, running, maxLength, maxTopK, new long[0]);
    }
    StepShape shape = StepShape.around(running, maxLength, maxTopK, limits);
    if (!taken.containsKey(shape) && taken.size() == MAX_SHAPES) {
      forget();
    }
    int before = taken.merge(shape, 1, Integer::sum) - 1;
    if (before == WARM_UP) {
      record(graphs.get(), shape);
    }
    try (NDManager scope = engine.newScope()) {
      return program.frames(
          before < WARM_UP || graphs.isEmpty()
              ? program.paddedStep(scope, shape)
              : graphs.get().replay(scope, shape.key()),
          running);
    }
  }

  private void record(GraphPool pool, StepShape shape) {
    try {
      // A recorded step needs separate memory for intermediate results.
      program.closeDepth();
      pool.record(shape.key(), scope -> program.paddedStep(scope, shape));
      program.closeDepth();
    } catch (RuntimeException e) {
      // A failed recording looks like a lost device; if it is one, this fails too.
      engine.await();
      LOGGER
          .atWarn()
          .setCause(e)
          .addKeyValue("shape", shape)
          .log("A frame step cannot be recorded as a graph, steps are plain ones from now on");
      program.closeDepth();
      stayPlain("a step of " + shape + " cannot be recorded: " + e.getMessage());
    }
  }

  /** Steps are plain from now on. */
  void stayPlain(String why) {
    graphs.ifPresent(GraphPool::close);
    graphs = Optional.empty();
    whyPlain = Optional.of(why);
  }

  /** Call it before caches move. */
  public void forget() {
    graphs.ifPresent(GraphPool::drop);
    taken.clear();
  }

  /** Memory of the device that recordings take, in bytes. */
  public long bytes() {
    return graphs.map(GraphPool::bytes).orElse(0L);
  }

  /** Why steps are not replayed; empty if they are. */
  public Optional<String> whyPlain() {
    return whyPlain;
  }

  @Override
  public void close() {
    graphs.ifPresent(GraphPool::close);
    graphs = Optional.empty();
  }
}
