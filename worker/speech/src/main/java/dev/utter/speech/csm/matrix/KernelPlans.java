package dev.utter.speech.csm.matrix;

import dev.utter.speech.torch.EngineSettings.Kernels;
import dev.utter.speech.torch.EngineSettings.Precision;
import dev.utter.speech.torch.TorchEngine;
import dev.utter.speech.torch.program.TensorType;
import java.util.SortedMap;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Chooses the storage and the kernels of each matrix of the model. The choice follows from the
 * precision, the processor and the shape alone: the same request gives the same samples after a
 * restart, and in every worker of the same kind.
 */
public final class KernelPlans {

  private static final Logger LOGGER = LoggerFactory.getLogger(KernelPlans.class);

  /** {@link Precision#INT8} for {@link Precision#INT4}, which differs in one kind of matrix. */
  private final Precision precision;

  private final boolean int4;
  private final boolean gpu;
  private final boolean custom;
  private final boolean packs;
  private final SortedMap<String, String> chosen = new TreeMap<>();

  /**
   * For one model.
   *
   * @throws IllegalArgumentException if the device does not support the precision
   */
  public static KernelPlans of(TorchEngine engine) {
    Precision precision = engine.settings().precision();
    boolean custom = engine.hasCpuOperators() && engine.settings().kernels() == Kernels.CUSTOM;
    if (precision == Precision.INT4 && !custom) {
      LOGGER.warn("precision INT4 needs the CPU operators, which are not used: INT8 is used");
    }
    return new KernelPlans(
        precision, engine.device().isGpu(), custom, System.getProperty("os.arch").equals("amd64"));
  }

  /**
   * @param gpu whether the device is a GPU
   * @param custom whether the CPU operators are used
   * @param packs whether libtorch has its packed kernels, which it has for x86 only
   * @throws IllegalArgumentException if the device does not support the precision
   */
  KernelPlans(Precision precision, boolean gpu, boolean custom, boolean packs) {
    if (gpu && precision.isForCpu()) {
      throw new IllegalArgumentException(
          "precision is " + precision + ", which runs on the CPU only, but the device is a GPU");
    }
    this.precision = precision == Precision.INT4 ? Precision.INT8 : precision;
    this.int4 = precision == Precision.INT4 && custom;
    this.gpu = gpu;
    this.custom = custom;
    this.packs = packs;
  }

  /** The type of activations and of unquantized weights. */
  public TensorType activationType() {
    return switch (precision) {
      case FLOAT32, INT8, INT4 -> TensorType.FLOAT32;
      case BFLOAT16 -> TensorType.BFLOAT16;
      case FLOAT16 -> gpu ? TensorType.FLOAT16 : TensorType.FLOAT32;
    };
  }

  /** The type of the depth decoder's projected tables. */
  public TensorType projectedType() {
    return switch (precision) {
      case FLOAT32 -> TensorType.FLOAT32;
      case BFLOAT16 -> TensorType.BFLOAT16;
      case FLOAT16, INT8, INT4 -> TensorType.FLOAT16;
    };
  }

  /** Whether attention is computed by the CPU operators, which take 32 bit. */
  public boolean customAttention() {
    return custom && activationType() == TensorType.FLOAT32;
  }

  /** Whether the CPU operators do all products and the attention of a frame step. */
  public boolean customSteps() {
    return custom && (precision == Precision.FLOAT32 || precision == Precision.INT8);
  }

  /** Whether matrices may be packed in 8 bit by libtorch. */
  public boolean packsInt8() {
    return precision == Precision.INT8 && !custom && packs;
  }

  /** The plan for a matrix of a layer, {@code (out, in)}. */
  public MatrixPlan inside(long out, long in) {
    if (precision != Precision.INT8 || custom) {
      return outside(out, in);
    }
    if (packs) {
      return chosen(out, in, MatrixPlan.of(MatrixStorage.PACKED_INT8, MatrixKernel.PACKED_INT8));
    }
    return MatrixStorage.PLAIN_INT8.takes(in)
        ? chosen(out, in, MatrixPlan.of(MatrixStorage.PLAIN_INT8, MatrixKernel.PLAIN_INT8))
        : outside(out, in);
  }

  /** The plan for a matrix of an MLP of the depth decoder, {@code (out, in)}. */
  public MatrixPlan insideDepthMlp(long out, long in) {
    if (!int4) {
      return inside(out, in);
    }
    MatrixPlan plan = MatrixPlan.of(MatrixStorage.CPU_INT4, MatrixKernel.CPU_INT4);
    // The backbone may have matrices of the same shape.
    chosen.put("depth MLP " + shape(out, in), plan.toString());
    return plan;
  }

  /** The plan for a head or the projection, {@code (out, in)}. */
  public MatrixPlan outside(long out, long in) {
    return chosen(
        out,
        in,
        switch (precision) {
          case FLOAT32 -> custom ? customFloat32() : plain();
          case BFLOAT16 -> plain();
          case FLOAT16 -> gpu ? plain() : float16();
          // libtorch's 8-bit storages are too coarse for logits.
          case INT8, INT4 ->
              custom ? MatrixPlan.of(MatrixStorage.CPU_INT8, MatrixKernel.CPU_INT8) : float16();
        });
  }

  /** The chosen plans, by matrix shape. */
  public SortedMap<String, String> chosen() {
    return chosen;
  }

  private MatrixPlan chosen(long out, long in, MatrixPlan plan) {
    chosen.put(shape(out, in), plan.toString());
    return plan;
  }

  private static String shape(long out, long in) {
    return out + "x" + in;
  }

  /**
   * Many rows come from a prompt, which is limited by arithmetic: libtorch's kernels are faster.
   */
  private static MatrixPlan customFloat32() {
    MatrixKernel custom = MatrixKernel.CPU_FLOAT32;
    return new MatrixPlan(MatrixStorage.PLAIN, custom, custom, MatrixKernel.MM);
  }

  /** Only the CPU distinguishes a few rows: GPU libraries order the operands themselves. */
  private MatrixPlan plain() {
    MatrixKernel fewRows = gpu ? MatrixKernel.MM : MatrixKernel.MM_TRANSPOSED;
    return new MatrixPlan(MatrixStorage.PLAIN, MatrixKernel.MM, fewRows, MatrixKernel.MM);
  }

  private MatrixPlan float16() {
    return packs
        ? MatrixPlan.of(MatrixStorage.PACKED_FLOAT16, MatrixKernel.PACKED_FLOAT16)
        : MatrixPlan.of(MatrixStorage.PLAIN_FLOAT16, MatrixKernel.PLAIN_FLOAT16);
  }
}
