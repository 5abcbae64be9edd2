package dev.utter.speech.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.utter.speech.torch.EngineSettings.Kernels;
import dev.utter.speech.torch.EngineSettings.Precision;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EngineSettingsTest {

  @Test
  void hasDefaults() {
    assertThat(EngineSettings.defaults())
        .isEqualTo(
            new EngineSettings(
                "auto",
                OptionalInt.empty(),
                Precision.FLOAT32,
                Kernels.CUSTOM,
                Optional.empty(),
                Optional.empty(),
                false));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "gpu", "cuda:", "cuda:x", "CPU", "mps:0"})
  void refusesAnUnknownDevice(String device) {
    assertThatThrownBy(() -> EngineSettings.defaults().withDevice(device))
        .hasMessageContaining("device is '" + device + "', must be");
  }

  @Test
  void refusesNoThreads() {
    assertThatThrownBy(() -> EngineSettings.defaults().withThreads(0))
        .hasMessageContaining("threads is 0, must be at least 1");
  }

  @Test
  void refusesTf32WithoutTheLibraryThatAllowsIt() {
    assertThatThrownBy(() -> EngineSettings.defaults().withTf32(true))
        .hasMessage("tf32 is true, which needs nativeLibrary");
  }

  @Test
  void refusesALibraryWhoseNameLooksLikeTwo() {
    assertThatThrownBy(
            () -> EngineSettings.defaults().withNativeLibrary(Optional.of(Path.of("/a,b.so"))))
        .hasMessageContaining("nativeLibrary is /a,b.so, must be a path without commas");
  }

  @Test
  void refusesADeviceThatIsNotThere() {
    assertThatThrownBy(() -> TorchEngine.start(EngineSettings.defaults().withDevice("cuda:99")))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("cuda:99");
  }
}
