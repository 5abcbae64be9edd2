package dev.utter.speech.watermark.network;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.utter.speech.torch.TorchEngine;
import dev.utter.speech.torch.TorchProgram;
import dev.utter.speech.torch.program.TensorType;
import dev.utter.speech.watermark.network.Convolution.Algorithm;
import dev.utter.speech.watermark.network.NetworkSizes.Layer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The three networks on a device. A pass is made in steps that take turns with those of other
 * passes, see {@link PassQueue}.
 *
 * <p>Threading: safe for several threads, {@link #close} excepted.
 */
public final class WatermarkNetworks implements AutoCloseable {
  /**
   * Positions of a plane, frequencies times frames, that a layer works on at once: they fit into
   * the caches.
   */
  static final int BLOCK = 1 << 13;

  static final String PROGRAM = "watermark";

  /** On a GPU: large enough that few kernels are started, 64 channels take 256 MiB. */
  private static final int GPU_BLOCK = 1 << 20;

  /**
   * Rows of a block are a multiple of it: NNPACK computes tiles of 6 rows, the CPU operators tiles
   * of 4.
   */
  private static final int TILES = 12;

  /** Multiplications of one step: 30 ms on two cores of a processor of 2020, at 1.3e11 a second. */
  private static final long STEP_PRODUCTS = 4_000_000_000L;

  /** On a GPU. */
  private static final long GPU_STEP_PRODUCTS = 200_000_000_000L;

  private static final PassThread PASSES = new PassThread();

  private final TorchEngine engine;
  private final TorchProgram program;
  private final HyperParameters numbers;
  private final NetworkSizes sizes;
  private final PassMemory memory;
  private final boolean reducible;

  private WatermarkNetworks(
      TorchEngine engine,
      TorchProgram program,
      HyperParameters numbers,
      NetworkSizes sizes,
      boolean reducible) {
    this.engine = engine;
    this.program = program;
    this.numbers = numbers;
    this.sizes = sizes;
    this.reducible = reducible;
    memory = new PassMemory(sizes, numbers);
    PASSES.allow(memory.limitBytes());
  }

  /**
   * Loads the networks of a folder: {@code hparams.yaml}, {@code enc_c.ckpt}, {@code dec_c.ckpt}
   * and {@code dec_m_0.ckpt}, as published.
   *
   * @throws dev.utter.speech.failure.CheckpointException if a file is missing, damaged or of
   *     another kind
   */
  public static WatermarkNetworks load(TorchEngine engine, Path folder) {
    HyperParameters numbers = HyperParameters.read(folder.resolve("hparams.yaml"));
    return load(engine, WatermarkTensors.read(folder, numbers), numbers);
  }

  /** Networks of the published sizes with random weights. */
  public static WatermarkNetworks random(TorchEngine engine, long seed) {
    return load(engine, PublishedSizes.tensors(seed), PublishedSizes.NUMBERS);
  }

  /**
   * Native memory that passes through the networks of a folder can take in this process, all
   * workers of it together, in bytes: those of the longest clip, and of an interactive one beside
   * it.
   *
   * @param marks whether clips are marked; else they are only looked at
   * @throws dev.utter.speech.failure.CheckpointException if a file is missing, damaged or of
   *     another kind
   */
  public static long passBytes(Path folder, boolean marks) {
    HyperParameters numbers = HyperParameters.read(folder.resolve("hparams.yaml"));
    NetworkSizes sizes = NetworkSizes.of(WatermarkTensors.read(folder, numbers));
    return new PassMemory(sizes, numbers).totalBytes(marks);
  }

  private static WatermarkNetworks load(
      TorchEngine engine, WatermarkTensors tensors, HyperParameters numbers) {
    return load(engine, tensors, numbers, Convolution.of(engine, NetworkSizes.of(tensors)));
  }

  /** Gives the program its weights. */
  static WatermarkNetworks load(
      TorchEngine engine,
      WatermarkTensors tensors,
      HyperParameters numbers,
      Convolution convolution) {
    TorchProgram program = TorchProgram.load(engine, PROGRAM, convolution.replacements(), Map.of());
    try (NDManager scope = engine.newScope()) {
      program.run(scope, "load", loadArguments(scope, tensors, numbers, convolution));
      engine.await();
      if (engine.isGpu()) {
        useOwnStream(engine);
      }
      return new WatermarkNetworks(
          engine, program, numbers, NetworkSizes.of(tensors), convolution.reduced().isPresent());
    } catch (RuntimeException e) {
      program.close();
      throw e;
    }
  }

  /** Lets the thread of the passes have a stream that the speech engine's goes before. */
  private static void useOwnStream(TorchEngine engine) {
    NetworkPass pass = new NetworkPass(engine, 0);
    pass.then(
        it -> {
          engine.useOwnStream(false);
          it.result(new float[0]);
        });
    PASSES.run(pass, PassPriority.NORMAL, false);
  }

  static Object[] loadArguments(
      NDManager scope, WatermarkTensors tensors, HyperParameters numbers, Convolution convolution) {
    Map<String, NDArray> weights = new HashMap<>();
    tensors.byName().forEach((name, tensor) -> weights.put(name, tensor.toNDArray(scope)));
    return new Object[] {
      weights,
      scope.create(hann(numbers.fftSize())).duplicate(),
      numbers.fftSize(),
      numbers.hop(),
      numbers.band(),
      tensors.encoderLayers(),
      tensors.carrierLayers(),
      tensors.messageLayers(),
      convolution.algorithm() == Algorithm.NNPACK,
      convolution.reduced().orElse(TensorType.FLOAT32).code()
    };
  }

  /** The numbers that cannot be derived from the tensors. */
  public HyperParameters numbers() {
    return numbers;
  }

  /** Whether reduced looks are faster here than exact ones. */
  public boolean reducible() {
    return reducible;
  }

  /**
   * Marks a clip of power-normalised samples.
   *
   * @param symbols one message, terminator last
   * @param ratio amplitude of the clip over that of the mark
   * @return as many samples
   */
  public float[] embed(float[] samples, long[] symbols, double ratio, PassPriority priority) {
    NetworkPass pass = new NetworkPass(engine, memory.embedBytes(samples.length));
    pass.then(it -> it.state(program.run(it.scope(), "begin_embed", it.scope().create(samples))));
    addLayers(pass, sizes.encoder(), samples.length, numbers.fftSize() / 2 + 1, 1, false);
    pass.then(
        it ->
            program.run(
                it.scope(),
                "join_message",
                it.state(0),
                it.state(1),
                it.state(5),
                it.state(6),
                it.scope().create(symbols)));
    addLayers(pass, sizes.carrier(), samples.length, numbers.fftSize() / 2 + 1, 1, false);
    pass.then(
        it ->
            it.result(
                program
                    .run(
                        it.scope(),
                        "finish_embed",
                        it.state(0),
                        it.state(1),
                        it.state(5),
                        it.state(6),
                        samples.length,
                        ratio)
                    .singletonOrThrow()
                    .toFloatArray()));
    return PASSES.run(pass, priority, false);
  }

  /** Logits {@code (symbols, frames)} of power-normalised samples, in row-major order. */
  public float[] logits(float[] samples, LookPrecision precision, PassPriority priority) {
    return logits(samples, precision, priority, () -> {});
  }

  private float[] logits(
      float[] samples, LookPrecision precision, PassPriority priority, Runnable afterStep) {
    boolean reduced = precision == LookPrecision.REDUCED;
    NetworkPass pass = new NetworkPass(engine, memory.lookBytes(samples.length));
    pass.reportTo(afterStep);
    pass.then(
        it -> it.state(program.run(it.scope(), "begin_look", it.scope().create(samples), reduced)));
    addLayers(pass, sizes.message(), samples.length, numbers.band(), 0, reduced);
    pass.then(
        it ->
            it.result(
                program
                    .run(it.scope(), "finish_look", it.state(0), it.state(4), it.state(5))
                    .singletonOrThrow()
                    .toFloatArray()));
    return PASSES.run(pass, priority, true);
  }

  /**
   * Adds the steps of layers.
   *
   * @param first place of the plane in the pass's state
   */
  private void addLayers(
      NetworkPass pass,
      List<Layer> layers,
      int samples,
      int frequencies,
      int first,
      boolean reduced) {
    int frames = numbers.frames(samples);
    boolean gpu = engine.device().isGpu();
    int height = Math.max((gpu ? GPU_BLOCK : BLOCK) / frames / TILES, 1) * TILES;
    for (Layer layer : layers) {
      long products = layer.products() * frames * height;
      long blocks = Math.max(1, (gpu ? GPU_STEP_PRODUCTS : STEP_PRODUCTS) / products);
      int rows = (int) Math.min(frequencies, blocks * height);
      for (int start = 0; start < frequencies; start += rows) {
        int from = start;
        int to = Math.min(start + rows, frequencies);
        pass.then(
            it ->
                program.run(
                    it.scope(),
                    "rows",
                    layer.name(),
                    it.state(first),
                    it.state(first + 1),
                    it.state(first + 2),
                    it.state(first + 3),
                    it.state(first + 4),
                    it.state(first + 5),
                    from,
                    to,
                    height,
                    reduced));
      }
    }
  }

  /** The most likely symbol of every frame of power-normalised samples. */
  public int[] symbols(float[] samples, LookPrecision precision, PassPriority priority) {
    return symbols(samples, precision, priority, () -> {});
  }

  /**
   * The same, with a report of each step.
   *
   * @param afterStep called on the thread of the passes; must not block or throw
   */
  public int[] symbols(
      float[] samples, LookPrecision precision, PassPriority priority, Runnable afterStep) {
    float[] logits = logits(samples, precision, priority, afterStep);
    int[] symbols = new int[logits.length / numbers.symbols()];
    for (int frame = 0; frame < symbols.length; frame++) {
      for (int symbol = 1; symbol < numbers.symbols(); symbol++) {
        if (logits[symbol * symbols.length + frame]
            > logits[symbols[frame] * symbols.length + frame]) {
          symbols[frame] = symbol;
        }
      }
    }
    return symbols;
  }

  private static float[] hann(int size) {
    float[] window = new float[size];
    for (int i = 0; i < size; i++) {
      window[i] = (float) (0.5 - 0.5 * Math.cos(2 * Math.PI * i / size));
    }
    return window;
  }

  @Override
  public void close() {
    program.close();
  }
}
