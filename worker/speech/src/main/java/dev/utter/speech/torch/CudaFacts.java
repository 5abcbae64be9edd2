package dev.utter.speech.torch;

import ai.djl.engine.Engine;
import ai.djl.pytorch.jni.LibUtils;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Facts about CUDA on this machine, so that an error can name the missing part.
 *
 * @param version version of libtorch
 * @param folder folder of libtorch
 * @param built whether this libtorch was built with CUDA
 * @param driver whether NVIDIA's driver is loaded
 * @param usable whether libtorch sees a device it can use
 * @param devices number of devices according to CUDA's runtime library; 0 also if that library is
 *     not found
 */
public record CudaFacts(
    String version, Path folder, boolean built, boolean driver, boolean usable, int devices) {

  private static final String LIBRARY = "torch_cuda";
  private static final Path DRIVER = Path.of("/proc/driver/nvidia/version");
  private static final Pattern RUNTIME = Pattern.compile("libcudart[^/]*\\.so\\.(\\d+).*");

  static CudaFacts of(Engine engine) {
    Path folder = Path.of(LibUtils.getLibtorchPath());
    return new CudaFacts(
        engine.getVersion(),
        folder,
        hasCudaLibrary(folder),
        Files.exists(DRIVER),
        engine.hasCapability("CUDA"),
        engine.getGpuCount());
  }

  private static boolean hasCudaLibrary(Path folder) {
    return names(folder).stream().anyMatch(name -> name.contains(LIBRARY));
  }

  private static List<String> names(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).toList();
    } catch (IOException e) {
      return List.of();
    }
  }

  /**
   * The major version of CUDA that libtorch was built with, by the runtime library beside it; empty
   * if there is none.
   */
  public Optional<String> cudaMajor() {
    return names(folder).stream()
        .map(RUNTIME::matcher)
        .filter(Matcher::matches)
        .map(runtime -> runtime.group(1))
        .findFirst();
  }

  /** The first line that the driver says of itself; empty if it is not loaded. */
  public Optional<String> driverVersion() {
    try {
      return Files.readAllLines(DRIVER).stream().findFirst();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** Why there is no CUDA device, in a few words; empty if there is one. */
  public Optional<String> absence() {
    if (usable) {
      return Optional.empty();
    }
    if (!built) {
      return Optional.of("libtorch " + version + " is built for the CPU only");
    }
    return Optional.of(
        driver
            ? "libtorch " + version + " sees no CUDA device it can use"
            : "NVIDIA's driver is not loaded");
  }

  /**
   * Why a device cannot be used; empty if it can.
   *
   * @param name the device as the settings have it
   * @param index its number
   */
  Optional<String> lack(String name, int index) {
    if (usable && (devices == 0 || index < devices)) {
      return Optional.empty();
    }
    if (usable) {
      return Optional.of(
          "device is %s, but there are %d CUDA devices, numbered from 0".formatted(name, devices));
    }
    if (!built) {
      return Optional.of(
          ("device is %s, but libtorch %s in %s is built for the CPU only: set PYTORCH_LIBRARY_PATH"
                  + " to the lib folder of an installed libtorch or PyTorch with CUDA, and"
                  + " PYTORCH_VERSION to its version; or put DJL's pytorch-native library with a"
                  + " CUDA flavor on the class path and set PYTORCH_FLAVOR to it%s")
              .formatted(name, version, folder, driver ? "" : ". NVIDIA's driver is missing too"));
    }
    if (!driver) {
      return Optional.of(
          ("device is %s, but NVIDIA's driver is not loaded (there is no %s); in a container, is it"
                  + " started with the GPU?")
              .formatted(name, DRIVER));
    }
    return Optional.of(
        ("device is %s, but libtorch %s sees no CUDA device it can use, though NVIDIA's driver is"
                + " loaded: is the driver too old for this libtorch's CUDA, or is the device hidden"
                + " by CUDA_VISIBLE_DEVICES?")
            .formatted(name, version));
  }
}
