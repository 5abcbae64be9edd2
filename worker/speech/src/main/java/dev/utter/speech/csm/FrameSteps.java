package dev.utter.speech.csm;

import ai.djl.ndarray.NDManager;
import dev.utter.speech.torch.GraphPool;
import dev.utter.speech.torch.TorchEngine;
import java.util.LinkedHashMap;
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

  private static final int USUAL_TOP_K = 50;

  /**
   * Maximum number of recorded shapes. Each takes memory; beyond it, the one that was not used for
   * the longest time is dropped.
   */
  public static final int MAX_SHAPES = 32;

  private static final float LOAD_FACTOR = 0.75f;

  private final TorchEngine engine;
  private final CsmProgram program;

  /** Steps by shape. The shape that was not used for the longest time comes first. */
  private final Map<StepShape, Integer> taken = new LinkedHashMap<>(MAX_SHAPES, LOAD_FACTOR, true);

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
      forgetOne();
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

  private void forgetOne() {
    StepShape oldest = taken.keySet().iterator().next();
    taken.remove(oldest);
    graphs.ifPresent(pool -> pool.drop(oldest.key()));
  }

  /**
   * Records the steps that most utterances begin with, so that the first ones do not wait for it:
   * greedy or not, at few positions, for every number of slots. Slots must be reserved and unused.
   *
   * @param limits reserved slots and positions, and the maximum top-k
   */
  public void prepare(StepShape limits) {
    if (graphs.isEmpty()) {
      return;
    }
    for (int slots = 1; ; slots = Math.min(2 * slots, limits.slots())) {
      for (int topK : new int[] {1, USUAL_TOP_K}) {
        for (int step = 0; step <= WARM_UP; step++) {
          step(slots, 1, topK, limits);
        }
      }
      if (slots == limits.slots()) {
        return;
      }
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
