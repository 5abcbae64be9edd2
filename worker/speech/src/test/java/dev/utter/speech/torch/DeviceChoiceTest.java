package dev.utter.speech.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.utter.speech.torch.EngineSettings.Precision;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class DeviceChoiceTest {
  private static final Path FOLDER = Path.of("libtorch/lib");
  private static final CudaFacts NONE = new CudaFacts("2.7.1", FOLDER, false, false, false, 0);
  private static final CudaFacts TWO = new CudaFacts("2.7.1", FOLDER, true, true, true, 2);

  @Test
  void autoTakesTheFirstCudaDevice() {
    // When
    DeviceChoice choice = DeviceChoice.of(settings("auto"), TWO, false);

    // Then
    assertThat(choice.name()).isEqualTo("cuda:0");
    assertThat(choice.reason()).contains("a CUDA device can be used");
    assertThat(choice.isOnHost()).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "false, true, libtorch 2.7.1 is built for the CPU only",
    "true, false, NVIDIA's driver is not loaded",
    "true, true, libtorch 2.7.1 sees no CUDA device it can use",
  })
  void autoTakesTheCpuWhereNoCudaDeviceAnswersAndGivesTheReason(
      boolean built, boolean driver, String reason) {
    // When
    DeviceChoice choice =
        DeviceChoice.of(
            settings("auto"), new CudaFacts("2.7.1", FOLDER, built, driver, false, 0), true);

    // Then
    assertThat(choice).isEqualTo(new DeviceChoice("cpu", reason));
    assertThat(choice.isOnHost()).isTrue();
  }

  @ParameterizedTest
  @EnumSource(
      value = Precision.class,
      names = {"INT8", "INT4"})
  void autoTakesTheCpuForAPrecisionThatOnlyTheCpuHas(Precision precision) {
    assertThat(DeviceChoice.of(settings("auto").withPrecision(precision), TWO, false))
        .isEqualTo(new DeviceChoice("cpu", "precision " + precision + " runs on the CPU only"));
  }

  @ParameterizedTest
  @CsvSource({"cpu", "cuda", "cuda:0", "cuda:1"})
  void aNamedDeviceThatIsThereIsTaken(String name) {
    assertThat(DeviceChoice.of(settings(name), TWO, false))
        .isEqualTo(new DeviceChoice(name, "the setting names it"));
  }

  @Test
  void anAppleGpuIsTakenOnlyByName() {
    // When
    DeviceChoice choice = DeviceChoice.of(settings("mps"), NONE, true);

    // Then
    assertThat(choice.name()).isEqualTo("mps");
    assertThat(choice.isOnHost()).isTrue();
    assertThatThrownBy(
            () -> DeviceChoice.of(settings("mps").withPrecision(Precision.BFLOAT16), NONE, true))
        .hasMessage("precision is BFLOAT16, but with the device mps it must be FLOAT32");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "mps    | false | device is mps, which Macs with Apple silicon have | cpu, cuda:0, cuda:1",
        "cuda:2 | false | there are 2 CUDA devices, numbered from 0 | cpu, cuda:0, cuda:1",
        "cuda:2 | true  | there are 2 CUDA devices, numbered from 0 | cpu, cuda:0, cuda:1, mps",
      })
  void aNamedDeviceThatIsNotThereIsAnErrorWithThoseThatAre(
      String name, boolean mps, String lack, String available) {
    assertThatThrownBy(() -> DeviceChoice.of(settings(name), TWO, mps))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining(lack)
        .hasMessageEndingWith(". Available here: " + available);
  }

  @Test
  void withoutCudaOnlyTheCpuIsAvailable() {
    assertThatThrownBy(() -> DeviceChoice.of(settings("cuda"), NONE, false))
        .hasMessageContaining("libtorch 2.7.1 in libtorch/lib is built for the CPU only")
        .hasMessageEndingWith(". Available here: cpu");
  }

  private static EngineSettings settings(String device) {
    return EngineSettings.defaults().withDevice(device);
  }
}
