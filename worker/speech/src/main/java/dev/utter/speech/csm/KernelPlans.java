package dev.utter.speech.csm;

import static java.util.Objects.requireNonNull;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.utter.speech.torch.EngineSettings;
import dev.utter.speech.torch.EngineSettings.Kernels;
import dev.utter.speech.torch.EngineSettings.Precision;
import dev.utter.speech.torch.TorchEngine;
import dev.utter.speech.torch.TorchProgram;
import dev.utter.speech.torch.program.TensorType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
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

  /** A storage and the kernels to choose from; the first of each list is the fixed choice. */
  private record Candidate(
      MatrixStorage storage, List<MatrixKernel> oneRow, List<MatrixKernel> fewRows) {

    static Candidate of(MatrixStorage storage) {
      return new Candidate(storage, storage.oneRow(), storage.fewRows());
    }

    /** This candidate with another kernel as the first choice for one row. */
    Candidate preferring(MatrixKernel kernel) {
      List<MatrixKernel> kernels = new ArrayList<>(List.of(kernel));
      kernels.addAll(oneRow);
      return new Candidate(storage, List.copyOf(kernels), fewRows);
    }
  }

  /** A typical number of rows for the second kernel of a plan. */
  private static final int FEW = 8;

  private static final int ROUNDS = 7;

  /**
   * Applies to long calls too: the first may be slow, as libraries warm up and the machine is busy.
   */
  private static final int MIN_ROUNDS = 2;

  /** A kernel replaces the first choice only below this share of its time; above it is noise. */
  private static final double CLEARLY = 0.85;

  /** A storage that is this many times slower on one row is not measured on a few rows. */
  private static final long HOPELESS = 3;

  /** A call longer than this is measured the minimum number of times. */
  private static final long LONG_NANOS = Duration.ofMillis(20).toNanos();

  private record Key(List<Candidate> candidates, long out, long in) {}

  /** A measured candidate: its fastest kernels and their times. */
  private record Trial(
      MatrixStorage storage,
      MatrixKernel oneRow,
      long oneRowNanos,
      MatrixKernel fewRows,
      long fewRowsNanos) {

    MatrixPlan plan() {
      // Many rows come from a prompt. Libraries are optimized for the plain order.
      MatrixKernel manyRows = storage == MatrixStorage.PLAIN ? MatrixKernel.MM : oneRow;
      return new MatrixPlan(storage, oneRow, fewRows, manyRows);
    }

    /** Cost relative to another trial; one row and a few rows have the same weight. */
    double cost(Trial other) {
      return ((double) oneRowNanos / other.oneRowNanos + (double) fewRowsNanos / other.fewRowsNanos)
          / 2;
    }
  }

  /** The minimum times of a candidate's kernels. */
  private static final class Timing {

    private final Candidate candidate;
    private final Map<MatrixKernel, Long> oneRow = new EnumMap<>(MatrixKernel.class);
    private final Map<MatrixKernel, Long> fewRows = new EnumMap<>(MatrixKernel.class);

    Timing(Candidate candidate) {
      this.candidate = candidate;
    }

    long oneRowNanos() {
      return nanos(oneRow, fastest(oneRow, candidate.oneRow()));
    }

    Trial trial() {
      MatrixKernel bestOne = fastest(oneRow, candidate.oneRow());
      MatrixKernel bestFew = fastest(fewRows, candidate.fewRows());
      return new Trial(
          candidate.storage(), bestOne, nanos(oneRow, bestOne), bestFew, nanos(fewRows, bestFew));
    }
  }

  private final TorchEngine engine;
  private final TorchProgram program;
  private final EngineSettings settings;
  private final boolean cpu;
  private final Map<Key, MatrixPlan> plans = new HashMap<>();

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

  /** The type of activations and of unquantized weights. */
  TensorType activationType() {
    return switch (settings.precision()) {
      case FLOAT32, INT8 -> TensorType.FLOAT32;
      case BFLOAT16 -> TensorType.BFLOAT16;
      case FLOAT16 -> cpu ? TensorType.FLOAT32 : TensorType.FLOAT16;
    };
  }

  /** The type of the depth decoder's projected tables. */
  TensorType projectedType() {
    return switch (settings.precision()) {
      case FLOAT32 -> TensorType.FLOAT32;
      case BFLOAT16 -> TensorType.BFLOAT16;
      case FLOAT16, INT8 -> TensorType.FLOAT16;
    };
  }

  /** Determines the range of the processor's 8-bit kernels, and switches the CPU attention on. */
  void prepare() {
    try (NDManager scope = engine.newScope()) {
      if (settings.precision() == Precision.INT8) {
        program.run(scope, "set_packed_qmax");
      }
      if (usesCpuOperators() && activationType() == TensorType.FLOAT32) {
        program.run(scope, "use_cpu_attention");
      }
    }
  }

  /** Not every machine has the operators, so FIXED does not use them. */
  private boolean usesCpuOperators() {
    return engine.hasCpuOperators() && settings.kernels() == Kernels.MEASURED;
  }

  /** The plan for a matrix of a layer, {@code (out, in)}. */
  MatrixPlan inside(long out, long in) {
    return plan(
        settings.precision() == Precision.INT8 ? insideCandidates(in) : outsideCandidates(),
        out,
        in);
  }

  /** The plan for a head or the projection, {@code (out, in)}. */
  MatrixPlan outside(long out, long in) {
    return plan(outsideCandidates(), out, in);
  }

  /** The chosen plans, by matrix shape. */
  SortedMap<String, String> chosen() {
    SortedMap<String, String> chosen = new TreeMap<>();
    plans.forEach((key, plan) -> chosen.put(key.out() + "x" + key.in(), plan.toString()));
    return chosen;
  }

  /** The most accurate one comes first. */
  private List<Candidate> insideCandidates(long in) {
    Stream<MatrixStorage> everywhere =
        Stream.of(MatrixStorage.PACKED_INT8, MatrixStorage.PLAIN_INT8);
    return (usesCpuOperators()
            ? Stream.concat(Stream.of(MatrixStorage.CPU_INT8), everywhere)
            : everywhere)
        .filter(storage -> storage.takes(in))
        .map(Candidate::of)
        .toList();
  }

  private List<Candidate> outsideCandidates() {
    Candidate plain = Candidate.of(MatrixStorage.PLAIN);
    List<Candidate> halves =
        List.of(
            Candidate.of(MatrixStorage.PACKED_FLOAT16), Candidate.of(MatrixStorage.PLAIN_FLOAT16));
    return switch (settings.precision()) {
      case FLOAT32 ->
          List.of(usesCpuOperators() ? plain.preferring(MatrixKernel.CPU_FLOAT32_ROW) : plain);
      case BFLOAT16 -> List.of(plain);
      case FLOAT16 -> cpu ? halves : List.of(plain);
      // The other 8-bit storages are too coarse for logits.
      case INT8 -> usesCpuOperators() ? List.of(Candidate.of(MatrixStorage.CPU_INT8)) : halves;
    };
  }

  private MatrixPlan plan(List<Candidate> candidates, long out, long in) {
    return plans.computeIfAbsent(
        new Key(candidates, out, in),
        // A GPU works asynchronously, so calls cannot be timed here.
        key ->
            cpu && settings.kernels() == Kernels.MEASURED
                ? measure(key)
                : fixed(candidates.get(0)));
  }

  /** Only the CPU distinguishes a few rows: GPU libraries order the operands themselves. */
  private MatrixPlan fixed(Candidate candidate) {
    MatrixKernel oneRow = candidate.oneRow().get(0);
    MatrixKernel fewRows = cpu ? candidate.fewRows().get(0) : oneRow;
    return new Trial(candidate.storage(), oneRow, 1, fewRows, 1).plan();
  }

  /** Measures all candidates in rounds, so that noise affects them equally. */
  private MatrixPlan measure(Key key) {
    List<Timing> timings = key.candidates().stream().map(Timing::new).toList();
    try (NDManager scope = engine.newScope()) {
      NDArray matrix = scope.full(new Shape(key.out(), key.in()), 0.01f);
      for (Timing timing : timings) {
        MatrixPlan any = MatrixPlan.of(timing.candidate.storage(), MatrixKernel.MM);
        program.run(scope, "add_matrix", matrix, any.codes());
      }
      matrix.close();
      for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < timings.size(); i++) {
          Timing timing = timings.get(i);
          int back = timings.size() - i;
          measure(back, timing.candidate.oneRow(), timing.oneRow, round, 1, key.in());
          if (timing.oneRowNanos() / HOPELESS < timings.get(0).oneRowNanos()) {
            measure(back, timing.candidate.fewRows(), timing.fewRows, round, FEW, key.in());
          }
        }
      }
      timings.forEach(timing -> program.run(scope, "drop_matrix"));
    }
    Trial best = timings.get(0).trial();
    for (Timing timing : timings.subList(1, timings.size())) {
      if (!timing.fewRows.isEmpty()) {
        Trial other = timing.trial();
        best = other.cost(best) < CLEARLY ? other : best;
      }
    }
    LOGGER
        .atInfo()
        .addKeyValue("out", key.out())
        .addKeyValue("in", key.in())
        .addKeyValue("plan", best.plan())
        .addKeyValue("oneRow", Duration.ofNanos(best.oneRowNanos()))
        .addKeyValue("fewRows", Duration.ofNanos(best.fewRowsNanos()))
        .log("Chose the fastest kernels for a shape");
    return best.plan();
  }

  /**
   * One round of the kernels of a storage.
   *
   * @param back the position of its matrix, counted from the end of the list
   */
  private void measure(
      int back,
      List<MatrixKernel> kernels,
      Map<MatrixKernel, Long> best,
      int round,
      int rows,
      long in) {
    for (MatrixKernel kernel : kernels) {
      if (round < MIN_ROUNDS || best.getOrDefault(kernel, 0L) < LONG_NANOS) {
        try (NDManager scope = engine.newScope()) {
          long begin = System.nanoTime();
          program.run(scope, "try_kernel", back, kernel.code(), rows, in);
          best.merge(kernel, System.nanoTime() - begin, Math::min);
        }
      }
    }
  }

  private static long nanos(Map<MatrixKernel, Long> times, MatrixKernel kernel) {
    return requireNonNull(times.get(kernel), "a kernel was not timed");
  }

  private static MatrixKernel fastest(Map<MatrixKernel, Long> times, List<MatrixKernel> kernels) {
    MatrixKernel first = kernels.get(0);
    return kernels.stream()
        .min(Comparator.comparing(kernel -> nanos(times, kernel)))
        .filter(kernel -> nanos(times, kernel) < CLEARLY * nanos(times, first))
        .orElse(first);
  }
}
