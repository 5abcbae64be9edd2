package dev.utter.cli.doctor;

import dev.utter.speech.torch.CpuIsa;
import dev.utter.speech.torch.CpuOperators;
import dev.utter.speech.torch.CudaFacts;
import dev.utter.speech.torch.DeviceChoice;
import dev.utter.speech.torch.EngineSettings;
import dev.utter.speech.torch.TorchEngine;
import java.util.List;
import java.util.Optional;

/** Checks of the processor, of libtorch and of the device. */
final class MachineChecks {
  private static final String LIBTORCH =
      "set UTTER_CACHE and DJL_CACHE_DIR to folders that can be written and hold programs that run;"
          + " with PYTORCH_LIBRARY_PATH set, see docs/gpu.md";
  private static final String CUDA =
      "set PYTORCH_LIBRARY_PATH and PYTORCH_VERSION to a libtorch with CUDA, see docs/gpu.md; or"
          + " set the device to cpu";

  private final EngineSettings settings;

  MachineChecks(EngineSettings settings) {
    this.settings = settings;
  }

  List<Check> all() {
    return List.of(
        new Check("libtorch", LIBTORCH, this::libtorch),
        new Check("processor", LIBTORCH, this::processor),
        new Check("device", "set the device to auto, or to one that is there", this::device),
        new Check("driver", CUDA, this::driver));
  }

  private Answer libtorch() {
    TorchEngine.start(settings.withDevice("cpu"));
    CudaFacts facts = TorchEngine.cudaFacts();
    String flavour =
        facts.built()
            ? "CUDA" + facts.cudaMajor().map(major -> " " + major).orElse("")
            : "the CPU only";
    return Answer.ok(facts.version() + ", built for " + flavour + ", in " + facts.folder());
  }

  private Answer processor() {
    TorchEngine.start(settings.withDevice("cpu"));
    String machine =
        System.getProperty("os.arch")
            + ", "
            + Runtime.getRuntime().availableProcessors()
            + " processors";
    Optional<CpuIsa> kernels = TorchEngine.cpuOperators();
    if (kernels.isPresent()) {
      return Answer.ok(machine + ", CPU operators for " + kernels.get());
    }
    if (CpuOperators.areCompiled()) {
      return Answer.ok(
          machine
              + ", libtorch's operators: the CPU operators do not run here, a warning says why");
    }
    return CpuOperators.fitThisPlatform()
        ? Answer.notOk(
            machine + ", but the CPU operators were not compiled with this build",
            "install a C++ compiler, g++ or clang, and build again: frames are several times faster"
                + " with them")
        : Answer.ok(machine + ", libtorch's operators");
  }

  private Answer device() {
    DeviceChoice choice = TorchEngine.choose(settings);
    return Answer.ok(choice.name() + ": " + choice.reason());
  }

  private Answer driver() {
    TorchEngine.start(settings.withDevice("cpu"));
    return driver(TorchEngine.cudaFacts(), settings.device());
  }

  static Answer driver(CudaFacts facts, String device) {
    boolean wantsGpu = device.equals("auto") || device.startsWith("cuda");
    if (facts.absence().isEmpty()) {
      return Answer.ok(
          facts.driverVersion().orElse("NVIDIA's driver works") + ", devices: " + facts.devices());
    }
    if (facts.driver() && wantsGpu) {
      return Answer.notOk("NVIDIA's driver is loaded, but " + facts.absence().get(), CUDA);
    }
    if (facts.built() && wantsGpu) {
      return Answer.notOk(
          "libtorch has CUDA, but " + facts.absence().get(),
          "install NVIDIA's driver, in a container start it with the GPU; or set the device to cpu");
    }
    return Answer.ok(
        facts.driver()
            ? "NVIDIA's driver is loaded and not used: the device is " + device
            : "NVIDIA's driver is not loaded, and nothing here needs it");
  }
}
