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
import java.util.ArrayList;
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
 * Chooses the storage and the kernels of each matrix of the model. A plan is the argument of {@code
 * add_matrix}: the storage, then the kernels for one row, for a few and for many.
 *
 * <p>The fastest kernel depends on processor, shape and number of rows, by factors of two and more.
 * It is measured once for each shape.
 */
final class KernelPlans {

  private static final Logger LOGGER = LoggerFactory.getLogger(KernelPlans.class);

  private static final int FLOAT = 6;
  private static final int HALF = 5;
  private static final int BRAIN = 15;

  /** A storage of a matrix with its kernels; the first kernel is the fixed choice. */
  private record Storage(String name, int number, List<Integer> one, List<Integer> few) {}

  private static final Storage PLAIN = new Storage("plain", 0, List.of(0, 1, 6), List.of(1, 0, 6));
  private static final Storage PLAIN_CPU =
      new Storage("plain", 0, List.of(8, 0, 1, 6), List.of(1, 0, 6));
  private static final Storage PACKED_16 = new Storage("packed 16", 1, List.of(2), List.of(2));
  private static final Storage PACKED_8 = new Storage("packed 8", 2, List.of(3), List.of(3));
  private static final Storage PLAIN_16 = new Storage("plain 16", 3, List.of(4), List.of(4));
  private static final Storage PLAIN_8 = new Storage("plain 8", 4, List.of(5), List.of(5));
  private static final Storage CPU_INT8 = new Storage("cpu int8", 5, List.of(7), List.of(7));

  /**
   * libtorch's kernel of {@link #PLAIN_8} reads the inputs in blocks of this size. With AVX-512 it
   * reads beyond the end of a row whose width is not a multiple.
   */
  private static final int PLAIN_8_BLOCK = 16;

  /** By number. */
  private static final List<Storage> STORAGES =
      List.of(PLAIN, PACKED_16, PACKED_8, PLAIN_16, PLAIN_8, CPU_INT8);

  /** A typical number of rows of the range that the second kernel of a plan is for. */
  private static final int FEW = 8;

  private static final int ROUNDS = 7;

  /**
   * Also for long calls: the first may be slow because of a library's warm-up or a busy machine.
   */
  private static final int MIN_ROUNDS = 2;

  /** A kernel replaces the first choice only below this share of its time; above it is noise. */
  private static final double CLEARLY = 0.85;

  /** A storage that is this many times slower on one row is not measured on a few rows. */
  private static final long HOPELESS = 3;

  /** A call longer than this is measured the minimum number of times. */
  private static final long LONG_NANOS = Duration.ofMillis(20).toNanos();

  private record Key(List<Storage> candidates, long out, long in) {}

  /** A measured storage: its fastest kernels and their times. */
  private record Trial(Storage storage, int one, long oneNanos, int few, long fewNanos) {

    long[] plan() {
      // Many rows come from a prompt. Libraries are optimized for the plain order.
      int many = storage.number() == PLAIN.number() ? PLAIN.one().get(0) : one;
      return new long[] {storage.number(), one, few, many};
    }

    /** Cost relative to another trial; one row and a few rows have the same weight. */
    double cost(Trial other) {
      return ((double) oneNanos / other.oneNanos + (double) fewNanos / other.fewNanos) / 2;
    }
  }

  /** The minimum times of a storage's kernels, by kernel. */
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
   * @throws IllegalArgumentException if the device does not support the precision
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

  /** libtorch's number of the type of activations and of unquantized weights. */
  int activationType() {
    return switch (settings.precision()) {
      case FLOAT32, INT8 -> FLOAT;
      case BFLOAT16 -> BRAIN;
      case FLOAT16 -> cpu ? FLOAT : HALF;
    };
  }

  /** libtorch's number of the type of the depth decoder's projected tables. */
  int projectedType() {
    return switch (settings.precision()) {
      case FLOAT32 -> FLOAT;
      case BFLOAT16 -> BRAIN;
      case FLOAT16, INT8 -> HALF;
    };
  }

  /** Determines the range of the processor's 8-bit kernels, and switches the CPU attention on. */
  void prepare() {
    try (NDManager scope = engine.newScope()) {
      if (settings.precision() == Precision.INT8) {
        program.run(scope, "set_weight_levels");
      }
      if (usesCpuOperators() && activationType() == FLOAT) {
        program.run(scope, "use_cpu_attention");
      }
    }
  }

  /** Not every machine has them, so they are not a fixed choice. */
  private boolean usesCpuOperators() {
    return engine.hasCpuOperators() && settings.kernels() == Kernels.MEASURED;
  }

  /** The plan for a matrix of a layer, {@code (out, in)}. */
  long[] inside(long out, long in) {
    return plan(
        settings.precision() == Precision.INT8 ? insideCandidates(in) : outsideCandidates(),
        out,
        in);
  }

  /** The plan for a head or the projection, {@code (out, in)}. */
  long[] outside(long out, long in) {
    return plan(outsideCandidates(), out, in);
  }

  /** The chosen storage and kernels, by matrix shape. */
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

  /** The most accurate one comes first. */
  private List<Storage> insideCandidates(long in) {
    List<Storage> candidates = new ArrayList<>();
    if (usesCpuOperators()) {
      candidates.add(CPU_INT8);
    }
    candidates.add(PACKED_8);
    if (in % PLAIN_8_BLOCK == 0) {
      candidates.add(PLAIN_8);
    }
    return List.copyOf(candidates);
  }

  private List<Storage> outsideCandidates() {
    return switch (settings.precision()) {
      case FLOAT32 -> List.of(usesCpuOperators() ? PLAIN_CPU : PLAIN);
      case BFLOAT16 -> List.of(PLAIN);
      case FLOAT16 -> cpu ? List.of(PACKED_16, PLAIN_16) : List.of(PLAIN);
      // The other 8-bit storages are too coarse for logits.
      case INT8 -> usesCpuOperators() ? List.of(CPU_INT8) : List.of(PACKED_16, PLAIN_16);
    };
  }

  private long[] plan(List<Storage> candidates, long out, long in) {
    return plans.computeIfAbsent(
        new Key(candidates, out, in),
        // A GPU works asynchronously, so calls cannot be timed here.
        key ->
            cpu && settings.kernels() == Kernels.MEASURED
                ? measure(key)
                : fixed(candidates.get(0)));
  }

  /** GPU libraries choose the order of the operands themselves. */
  private long[] fixed(Storage storage) {
    int few = cpu ? storage.few().get(0) : storage.one().get(0);
    return new Trial(storage, storage.one().get(0), 1, few, 1).plan();
  }

  /** Measures all candidates in rounds, so that noise affects them equally. */
  private long[] measure(Key key) {
    List<Timing> timings = key.candidates().stream().map(Timing::new).toList();
    try (NDManager scope = engine.newScope()) {
      NDArray matrix = scope.full(new Shape(key.out(), key.in()), 0.01f);
      for (Timing timing : timings) {
        long[] plan = {timing.storage.number(), 0, 0, 0};
        program.run(scope, "add_matrix", matrix, plan);
      }
      matrix.close();
      for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < timings.size(); i++) {
          Timing timing = timings.get(i);
          int back = timings.size() - i;
          measure(back, timing.storage.one(), timing.one, round, 1, key.in());
          if (timing.oneNanos() / HOPELESS < timings.get(0).oneNanos()) {
            measure(back, timing.storage.few(), timing.few, round, FEW, key.in());
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
        .addKeyValue("kernels", Arrays.toString(best.plan()))
        .addKeyValue("oneRow", Duration.ofNanos(best.oneNanos()))
        .addKeyValue("fewRows", Duration.ofNanos(best.fewNanos()))
        .log("Chose the fastest kernels for a shape");
    return best.plan();
  }

  /**
   * One round of the kernels of a storage.
   *
   * @param back the position of its matrix, counted from the end of the list
   */
  private void measure(
      int back, List<Integer> kernels, Map<Integer, Long> best, int round, int rows, long in) {
    for (int kernel : kernels) {
      if (round < MIN_ROUNDS || best.getOrDefault(kernel, 0L) < LONG_NANOS) {
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
