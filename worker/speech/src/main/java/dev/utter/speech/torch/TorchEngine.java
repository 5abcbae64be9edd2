package dev.utter.speech.torch;

import static java.util.Objects.requireNonNull;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.util.cuda.CudaUtils;
import dev.utter.speech.torch.host.ArmProcessor;
import dev.utter.speech.torch.host.HostMemory;
import java.lang.management.MemoryUsage;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The native engine: libtorch through DJL, started once per process, without usage tracking and
 * without downloads.
 *
 * <p>Threading: may be used from any thread.
 */
public final class TorchEngine {

  private static final Logger LOGGER = LoggerFactory.getLogger(TorchEngine.class);
  private static final String NAME = "PyTorch";
  private static final String CACHE = "DJL_CACHE_DIR";

  private static @Nullable Engine engine;
  private static @Nullable Path cache;
  private static Optional<Path> library = Optional.empty();
  private static Optional<CpuIsa> cpuOperators = Optional.empty();

  /** Those that were logged. */
  private static final Set<DeviceChoice> CHOICES = new HashSet<>();

  private final EngineSettings settings;
  private final Device device;

  private TorchEngine(EngineSettings settings, Device device) {
    this.settings = settings;
    this.device = device;
  }

  /**
   * Starts libtorch unless it runs already, and sets its number of threads.
   *
   * @throws IllegalStateException if a native library cannot be loaded or lacks instructions of the
   *     processor, the device is not there, or the engine already runs with another native cache or
   *     library of operators
   * @throws IllegalArgumentException if the device does not support the precision
   */
  public static synchronized TorchEngine start(EngineSettings settings) {
    EngineSettings resolved = resolve(settings);
    JniUtils.setNumThreads(threads(resolved));
    if (cpuOperators.isPresent()) {
      CpuOperators.setThreads(threads(resolved));
      CpuOperators.setPassThreads(threads(resolved));
    }
    TorchEngine started = new TorchEngine(resolved, device(resolved.device()));
    started.withNativeLibrary(
        (program, scope) -> program.run(scope, "allow_tf32", resolved.tf32()));
    return started;
  }

  /**
   * These settings with the device that {@code auto} takes on this machine. Starts libtorch unless
   * it runs already.
   *
   * @throws IllegalStateException as {@link #start}
   * @throws IllegalArgumentException if the device does not support the precision
   */
  public static synchronized EngineSettings resolve(EngineSettings settings) {
    return settings.withDevice(choose(settings).name());
  }

  /**
   * Whether tensors take memory of the host with these settings. Starts libtorch if the device is
   * {@code auto}.
   *
   * @throws IllegalStateException as {@link #start}
   */
  public static synchronized boolean takesHostMemory(EngineSettings settings) {
    DeviceChoice named = new DeviceChoice(settings.device(), "");
    return settings.device().equals(DeviceChoice.AUTO)
        ? choose(settings).isOnHost()
        : named.isOnHost();
  }

  /**
   * The device that the settings take on this machine, and why. Starts libtorch unless it runs
   * already.
   *
   * @throws IllegalStateException as {@link #start}
   * @throws IllegalArgumentException if the device does not support the precision
   */
  public static synchronized DeviceChoice choose(EngineSettings settings) {
    load(settings);
    DeviceChoice choice =
        DeviceChoice.of(settings, CudaFacts.of(requireNonNull(engine)), hasAppleGpu());
    if (CHOICES.add(choice)) {
      LOGGER
          .atInfo()
          .addKeyValue("setting", settings.device())
          .addKeyValue("device", choice.name())
          .addKeyValue("reason", choice.reason())
          .log("Chose the device");
    }
    return choice;
  }

  private static boolean hasAppleGpu() {
    return System.getProperty("os.name").startsWith("Mac")
        && System.getProperty("os.arch").equals("aarch64");
  }

  private static void load(EngineSettings settings) {
    if (engine == null) {
      ArmProcessor.check();
      prepareNativeLibraries(settings);
      engine = NativeLibrary.startLibtorch(settings.nativeLibrary(), () -> Engine.getEngine(NAME));
      library = settings.nativeLibrary();
      cpuOperators = CpuOperators.load();
      JniUtils.setNumInteropThreads(1);
      LOGGER
          .atInfo()
          .addKeyValue("version", engine.getVersion())
          .addKeyValue("gpus", engine.getGpuCount())
          .addKeyValue("cpuOperators", cpuOperators.map(CpuIsa::name).orElse("none"))
          .log("Started libtorch");
    } else if (settings.nativeCache().isPresent()
        && !settings.nativeCache().get().toAbsolutePath().equals(cache)) {
      throw new IllegalStateException(
          "nativeCache is "
              + settings.nativeCache().get()
              + ", but libtorch was already loaded from "
              + (cache == null ? "the default folder" : cache));
    } else if (settings.nativeLibrary().isPresent() && !settings.nativeLibrary().equals(library)) {
      throw new IllegalStateException(
          "nativeLibrary is %s, but libtorch was already loaded with %s"
              .formatted(
                  settings.nativeLibrary().get(), library.map(Path::toString).orElse("none")));
    }
  }

  /**
   * Sets the properties that DJL's native libraries (libtorch and the tokenizers) read at load: no
   * usage tracking, no downloads, the folder to unpack into, the library of operators. Only has an
   * effect before the first of them loads; values the operator has set win.
   *
   * @throws IllegalStateException if the library of operators is not there
   */
  public static synchronized void prepareNativeLibraries(EngineSettings settings) {
    setUnlessSet("OPT_OUT_TRACKING", "true");
    setUnlessSet("ai.djl.offline", "true");
    LibtorchFlavor.named().ifPresent(flavor -> setUnlessSet(LibtorchFlavor.VARIABLE, flavor));
    if (cache == null && settings.nativeCache().isPresent()) {
      cache = settings.nativeCache().get().toAbsolutePath();
      System.setProperty(CACHE, cache.toString());
    }
    settings.nativeLibrary().ifPresent(NativeLibrary::announce);
  }

  static void setUnlessSet(String key, String value) {
    if (System.getProperty(key) == null && System.getenv(key) == null) {
      System.setProperty(key, value);
    }
  }

  private static Device device(String name) {
    return switch (name) {
      case DeviceChoice.CPU -> Device.cpu();
      case DeviceChoice.MPS -> Device.of(DeviceChoice.MPS, -1);
      default -> Device.gpu(DeviceChoice.index(name));
    };
  }

  /**
   * Facts about CUDA on this machine.
   *
   * @throws IllegalStateException if libtorch was not started yet
   */
  public static synchronized CudaFacts cudaFacts() {
    if (engine == null) {
      throw new IllegalStateException("libtorch is not started");
    }
    return CudaFacts.of(engine);
  }

  /**
   * Version of libtorch.
   *
   * @throws IllegalStateException if it was not started yet
   */
  public static synchronized String version() {
    if (engine == null) {
      throw new IllegalStateException("libtorch is not started");
    }
    return engine.getVersion();
  }

  /** The instruction set of this process's CPU operators; empty if they are not available. */
  public static synchronized Optional<CpuIsa> cpuOperators() {
    return cpuOperators;
  }

  /** The settings it was started with; the device is the one that was taken. */
  public EngineSettings settings() {
    return settings;
  }

  /** Whether tensors are on a GPU of NVIDIA. */
  public boolean isGpu() {
    return device.isGpu();
  }

  /** Whether tensors are in memory that the processor computes with. */
  public boolean isCpu() {
    return device.equals(Device.cpu());
  }

  /** The device of tensors. */
  public Device device() {
    return device;
  }

  /** Whether the CPU operators of {@code src/main/cpp/cpu} are available. */
  public boolean hasCpuOperators() {
    return isCpu() && cpuOperators.isPresent();
  }

  /**
   * Runs a call in which libtorch's operators use one thread. Only where there are {@link
   * #hasCpuOperators CPU operators}, which are not affected.
   */
  public <T> T onOneThread(Supplier<T> call) {
    CpuOperators.setLibtorchThreads(1);
    try {
      return call.get();
    } finally {
      CpuOperators.setLibtorchThreads(threads(settings));
    }
  }

  /**
   * Sets how many threads the speech engine's CPU operators use, the calling one included. Only
   * where there are {@link #hasCpuOperators CPU operators}.
   */
  public void useOperatorThreads(int count) {
    CpuOperators.setThreads(count);
  }

  /** The number of threads by the settings. */
  public int threads() {
    return threads(settings);
  }

  /** The processors that the control groups leave to this process, unless there is a setting. */
  private static int threads(EngineSettings settings) {
    return settings.threads().orElse(Runtime.getRuntime().availableProcessors());
  }

  /** Why calls cannot be recorded on this device; empty if they can. */
  public Optional<String> lackOfGraphs() {
    return CudaGraphPool.lack(this);
  }

  /**
   * An empty pool of recorded calls. The caller closes it.
   *
   * @throws IllegalStateException if {@link #lackOfGraphs something is lacking}
   */
  public GraphPool newGraphPool() {
    return CudaGraphPool.open(this);
  }

  /**
   * Gives the GPU what the calling thread will ask for in a stream of its own, so that the work of
   * several threads overlaps and the device prefers the urgent one. Streams do not wait for each
   * other, so what other threads have begun for this one must be {@link #await finished}. Without a
   * GPU or a library of operators all threads share one stream.
   */
  public void useOwnStream(boolean urgent) {
    if (isGpu()) {
      withNativeLibrary(
          (program, scope) -> program.run(scope, "use_own_stream", device.getDeviceId(), urgent));
    }
  }

  private void withNativeLibrary(BiConsumer<TorchProgram, NDManager> call) {
    if (settings.nativeLibrary().isPresent()) {
      try (TorchProgram program = NativeLibrary.open(this, settings.nativeLibrary().get());
          NDManager scope = newScope()) {
        call.accept(program, scope);
      }
    }
  }

  /** Waits until the device has finished this thread's work. On a CPU it has. */
  public void await() {
    if (!isCpu()) {
      try (NDManager scope = newScope()) {
        scope.create(0f).getFloat();
      }
    }
  }

  /**
   * Sets how much of this host's memory other parts of this process will still take, in bytes. It
   * does not count as free for models that are loaded from now on; the Java heap never does.
   */
  public static void reserveHostMemory(long bytes) {
    HostMemory.reserve(bytes);
  }

  /**
   * Adds to the bytes of mapped weights of this process; negative once they are unmapped. They do
   * not count as free for models that are loaded from now on.
   */
  public static void addMappedWeights(long bytes) {
    HostMemory.addMapped(bytes);
  }

  /** Memory that this process may take, by its control groups or the machine, in bytes. */
  public static long hostMemoryLimit() {
    return HostMemory.limitBytes();
  }

  /**
   * Memory that is free on this engine's device, in bytes.
   *
   * @throws IllegalStateException if it is a GPU and CUDA's runtime library is not found
   */
  public long freeBytes() {
    if (!device.isGpu()) {
      return HostMemory.freeBytes();
    }
    try {
      MemoryUsage memory = CudaUtils.getGpuMemory(device);
      return memory.getMax() - memory.getCommitted();
    } catch (IllegalStateException | IllegalArgumentException e) {
      throw new IllegalStateException(
          "cannot find out how much memory of "
              + settings.device()
              + " is free: CUDA's runtime library (libcudart.so) is not found; put its folder into"
              + " the Java property jna.library.path, or set memoryBytes",
          e);
    }
  }

  /**
   * Used memory of this engine's GPU, by all processes, in bytes; empty on the CPU, and where
   * CUDA's runtime library is not found.
   */
  public OptionalLong usedDeviceBytes() {
    if (!device.isGpu()) {
      return OptionalLong.empty();
    }
    try {
      return OptionalLong.of(CudaUtils.getGpuMemory(device).getCommitted());
    } catch (IllegalStateException | IllegalArgumentException e) {
      LOGGER.atDebug().setCause(e).log("Device memory is not known");
      return OptionalLong.empty();
    }
  }

  /**
   * A new owner of tensors on this engine's device. Tensors created from it or attached to it are
   * freed when it is closed. The caller closes it.
   */
  public NDManager newScope() {
    NDManager scope = NDManager.newBaseManager(device, NAME);
    NativeMemory.opened();
    scope.attachInternal("utter-native-memory", (AutoCloseable) NativeMemory::closed);
    return scope;
  }
}
