package dev.utter.speech.csm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.utter.speech.torch.EngineSettings;
import dev.utter.speech.torch.EngineSettings.Kernels;
import dev.utter.speech.torch.EngineSettings.Precision;
import dev.utter.speech.torch.TorchEngine;
import dev.utter.speech.torch.TorchProgram;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides how each matrix of the model is stored and which kernel multiplies by it. A plan is what
 * {@code add_matrix} takes: the storage, then the kernels for one row, a few and many.
 *
 * <p>Which kernel is fastest depends on processor, shape and number of rows, by factors of two and
 * more, and not in ways that can be known beforehand; so it is measured, once for each shape.
 */
final class KernelPlans {

  private static final Logger LOGGER = LoggerFactory.getLogger(KernelPlans.class);

  private static final int FLOAT = 6;
  private static final int HALF = 5;
  private static final int BRAIN = 15;

  /** A way to store a matrix, with the kernels that can use it; the first is the fixed choice. */
  private record Storage(String name, int number, List<Integer> one, List<Integer> few) {}

  private static final Storage PLAIN = new Storage("plain", 0, List.of(0, 1, 6), List.of(1, 0, 6));
  private static final Storage PLAIN_OWN =
      new Storage("plain", 0, List.of(8, 0, 1, 6), List.of(1, 0, 6));
  private static final Storage PACKED_16 = new Storage("packed 16", 1, List.of(2), List.of(2));
  private static final Storage PACKED_8 = new Storage("packed 8", 2, List.of(3), List.of(3));
  private static final Storage PLAIN_16 = new Storage("plain 16", 3, List.of(4), List.of(4));
  private static final Storage PLAIN_8 = new Storage("plain 8", 4, List.of(5), List.of(5));
  private static final Storage OWN_8 = new Storage("own 8", 5, List.of(7), List.of(7));

  /** By number. */
  private static final List<Storage> STORAGES =
      List.of(PLAIN, PACKED_16, PACKED_8, PLAIN_16, PLAIN_8, OWN_8);

  /** A typical number of rows of the range that the second kernel of a plan is for. */
  private static final int FEW = 8;

  private static final int TURNS = 7;

  /** However long a call takes: what is new to a library, or a busy machine, may make the first. */
  private static final int LEAST_TURNS = 2;

  /** What takes more than this share of the first choice's time is noise or not worth it. */
  private static final double CLEARLY = 0.85;

  /** So many times slower with one row, a storage is not tried with more. */
  private static final long HOPELESS = 3;

  /** Enough to tell kernels apart; a longer call is not repeated more often than must be. */
  private static final long LONG_NANOS = Duration.ofMillis(20).toNanos();

  private record Key(List<Storage> candidates, long out, long in) {}

  /** A storage measured: its fastest kernels and their times. */
  private record Trial(Storage storage, int one, long oneNanos, int few, long fewNanos) {

    long[] plan() {
      // Many rows are a prompt's: the plain order is what libraries are made for.
      int many = storage.number() == PLAIN.number() ? PLAIN.one().get(0) : one;
      return new long[] {storage.number(), one, few, many};
    }

    /** A step of a batch and one of a single stream count the same; as many times the other's. */
    double cost(Trial other) {
      return ((double) oneNanos / other.oneNanos + (double) fewNanos / other.fewNanos) / 2;
    }
  }

  /** The shortest times of a storage's kernels, by kernel. */
  private static final class Timing {

    private final Storage storage;
    private final Map<Integer, Long> one = new HashMap<>();
    private final Map<Integer, Long> few = new HashMap<>();

    Timing(Storage storage) {
      this.storage = storage;
    }

    long oneNanos() {
      return one.get(fastest(one, storage.one()));
    }

    Trial trial() {
      int bestOne = fastest(one, storage.one());
      int bestFew = fastest(few, storage.few());
      return new Trial(storage, bestOne, one.get(bestOne), bestFew, few.get(bestFew));
    }
  }

  private final TorchEngine engine;
  private final TorchProgram program;
  private final EngineSettings settings;
  private final boolean cpu;
  private final Map<Key, long[]> plans = new HashMap<>();

  /**
   * For one model.
   *
   * @throws IllegalArgumentException if the precision is not there on the device
   */
  KernelPlans(TorchEngine engine, TorchProgram program) {
    this.engine = engine;
    this.program = program;
    this.settings = engine.settings();
    this.cpu = !engine.device().isGpu();
    if (!cpu && settings.precision() == Precision.INT8) {
      throw new IllegalArgumentException(
          "precision is INT8, which runs on the CPU only, but device is " + settings.device());
    }
  }

  /** Torch's number for the type of activations and of weights that are stored as they are. */
  int activationType() {
    return switch (settings.precision()) {
      case FLOAT32, INT8 -> FLOAT;
      case BFLOAT16 -> BRAIN;
      case FLOAT16 -> cpu ? FLOAT : HALF;
    };
  }

  /**
   * Torch's number for the type of the depth decoder's tables, which are products with a matrix.
   */
  int projectedType() {
    return switch (settings.precision()) {
      case FLOAT32 -> FLOAT;
      case BFLOAT16 -> BRAIN;
      case FLOAT16, INT8 -> HALF;
    };
  }

  /** Finds out what the processor's 8-bit kernels can take, and turns our own attention on. */
  void prepare() {
    try (NDManager scope = engine.newScope()) {
      if (settings.precision() == Precision.INT8) {
        program.run(scope, "set_weight_levels");
      }
      if (ownOperators() && activationType() == FLOAT) {
        program.run(scope, "use_own_attention");
      }
    }
  }

  /** They are not everywhere, so they are no fixed choice. */
  private boolean ownOperators() {
    return engine.hasCpuOperators() && settings.kernels() == Kernels.MEASURED;
  }

  /** The plan for a matrix of a layer, {@code (out, in)}. */
  long[] inside(long out, long in) {
    return plan(
        settings.precision() == Precision.INT8 ? insideCandidates() : outsideCandidates(), out, in);
  }

  /** The plan for a head or the projection, {@code (out, in)}. */
  long[] outside(long out, long in) {
    return plan(outsideCandidates(), out, in);
  }

  /** What was chosen, by the matrix's shape: the storage, then the kernels of the plan. */
  SortedMap<String, String> chosen() {
    SortedMap<String, String> chosen = new TreeMap<>();
    plans.forEach(
        (key, plan) ->
            chosen.put(
                key.out() + "x" + key.in(),
                STORAGES.get((int) plan[0]).name()
                    + Arrays.toString(Arrays.copyOfRange(plan, 1, plan.length))));
    return chosen;
  }

  /** The one that rounds least comes first. */
  private List<Storage> insideCandidates() {
    return ownOperators() ? List.of(OWN_8, PACKED_8, PLAIN_8) : List.of(PACKED_8, PLAIN_8);
  }

  private List<Storage> outsideCandidates() {
    return switch (settings.precision()) {
      case FLOAT32 -> List.of(ownOperators() ? PLAIN_OWN : PLAIN);
      case BFLOAT16 -> List.of(PLAIN);
      case FLOAT16 -> cpu ? List.of(PACKED_16, PLAIN_16) : List.of(PLAIN);
      // What others make of 8 bit is too coarse for logits.
      case INT8 -> ownOperators() ? List.of(OWN_8) : List.of(PACKED_16, PLAIN_16);
    };
  }

  private long[] plan(List<Storage> candidates, long out, long in) {
    return plans.computeIfAbsent(
        new Key(candidates, out, in),
        // What a GPU is told to do has not been done when the call returns, so it cannot be timed
        // here.
        key ->
            cpu && settings.kernels() == Kernels.MEASURED
                ? measure(key)
                : fixed(candidates.get(0)));
  }

  /** Libraries of a GPU find out by themselves which side goes first. */
  private long[] fixed(Storage storage) {
    int few = cpu ? storage.few().get(0) : storage.one().get(0);
    return new Trial(storage, storage.one().get(0), 1, few, 1).plan();
  }

  /** All candidates turn by turn, so that what else the machine does meets them alike. */
  private long[] measure(Key key) {
    List<Timing> timings = key.candidates().stream().map(Timing::new).toList();
    try (NDManager scope = engine.newScope()) {
      NDArray matrix = scope.full(new Shape(key.out(), key.in()), 0.01f);
      for (Timing timing : timings) {
        long[] plan = {timing.storage.number(), 0, 0, 0};
        program.run(scope, "add_matrix", matrix, plan);
      }
      matrix.close();
      for (int turn = 0; turn < TURNS; turn++) {
        for (int i = 0; i < timings.size(); i++) {
          Timing timing = timings.get(i);
          int back = timings.size() - i;
          measure(back, timing.storage.one(), timing.one, turn, 1, key.in());
          if (timing.oneNanos() / HOPELESS < timings.get(0).oneNanos()) {
            measure(back, timing.storage.few(), timing.few, turn, FEW, key.in());
          }
        }
      }
      timings.forEach(timing -> program.run(scope, "drop_matrix"));
    }
    Trial best = timings.get(0).trial();
    for (Timing timing : timings.subList(1, timings.size())) {
      if (!timing.few.isEmpty()) {
        Trial other = timing.trial();
        best = other.cost(best) < CLEARLY ? other : best;
      }
    }
    LOGGER
        .atInfo()
        .addKeyValue("out", key.out())
        .addKeyValue("in", key.in())
        .addKeyValue("storage", best.storage().name())
        .addKeyValue("kernels", best.plan())
        .addKeyValue("oneRow", Duration.ofNanos(best.oneNanos()))
        .addKeyValue("fewRows", Duration.ofNanos(best.fewNanos()))
        .log("Chose the fastest kernels for a shape");
    return best.plan();
  }

  /**
   * One turn of some kernels.
   *
   * @param back how many matrices before the end of the list theirs is
   */
  private void measure(
      int back, List<Integer> kernels, Map<Integer, Long> best, int turn, int rows, long in) {
    for (int kernel : kernels) {
      if (turn < LEAST_TURNS || best.getOrDefault(kernel, 0L) < LONG_NANOS) {
        try (NDManager scope = engine.newScope()) {
          long begin = System.nanoTime();
          program.run(scope, "try_kernel", back, kernel, rows, in);
          best.merge(kernel, System.nanoTime() - begin, Math::min);
        }
      }
    }
  }

  private static int fastest(Map<Integer, Long> times, List<Integer> kernels) {
    int first = kernels.get(0);
    return kernels.stream()
        .min(Comparator.comparing(times::get))
        .filter(kernel -> times.get(kernel) < CLEARLY * times.get(first))
        .orElse(first);
  }
}
