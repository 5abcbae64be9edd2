package dev.utter.speech.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import ai.djl.engine.Engine;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class CudaFactsTest {

  private static final Path FOLDER = Path.of("libtorch/lib");

  @Test
  void whatCanBeUsedLacksNothing() {
    // Given
    CudaFacts facts = new CudaFacts("2.7.1", FOLDER, true, true, true, 2);

    // Then
    assertThat(facts.lack("cuda:1", 1)).isEmpty();
    assertThat(facts.lack("cuda:2", 2))
        .hasValue("device is cuda:2, but there are 2 CUDA devices, numbered from 0");
  }

  @Test
  void aDeviceCanBeUsedThoughTheRuntimeLibraryIsNotFoundToCountIt() {
    assertThat(new CudaFacts("2.7.1", FOLDER, true, true, true, 0).lack("cuda", 0)).isEmpty();
  }

  @Test
  void aLibtorchForTheProcessorIsNamedWithWhatToDo() {
    assertThat(new CudaFacts("2.7.1", FOLDER, false, true, false, 0).lack("cuda", 0).orElseThrow())
        .contains("2.7.1 in libtorch/lib is built for the CPU only")
        .contains("PYTORCH_LIBRARY_PATH", "PYTORCH_FLAVOR")
        .doesNotContain("driver");
    assertThat(new CudaFacts("2.7.1", FOLDER, false, false, false, 0).lack("cuda", 0).orElseThrow())
        .contains("driver is missing too");
  }

  @Test
  void aMissingDriverIsReported() {
    assertThat(new CudaFacts("2.7.1", FOLDER, true, false, false, 0).lack("cuda", 0).orElseThrow())
        .contains("driver is not loaded");
  }

  @Test
  void aDriverThatDoesNotFitIsReported() {
    assertThat(new CudaFacts("2.7.1", FOLDER, true, true, false, 0).lack("cuda", 0).orElseThrow())
        .contains("too old", "CUDA_VISIBLE_DEVICES");
  }

  @Test
  void withoutCudaTheEngineDoesNotStartOnIt() {
    // Given
    TorchEngine.start(EngineSettings.defaults());
    assumeThat(Engine.getEngine("PyTorch").hasCapability("CUDA"))
        .as("libtorch sees a CUDA device")
        .isFalse();

    // Then
    assertThatThrownBy(() -> TorchEngine.start(EngineSettings.defaults().withDevice("cuda:1")))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("device is cuda:1")
        .hasMessageContaining(TorchEngine.version());
  }
}
