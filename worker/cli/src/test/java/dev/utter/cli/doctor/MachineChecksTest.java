package dev.utter.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.utter.cli.doctor.Answer.State;
import dev.utter.speech.torch.CudaFacts;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MachineChecksTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "true  | true  | true  | auto | OK     | devices: 2",
        "false | true  | false | auto | NOT_OK | is loaded, but libtorch 2.7.1 is built for the CPU only",
        "false | true  | false | cpu  | OK     | loaded and not used: the device is cpu",
        "true  | true  | false | cuda | NOT_OK | sees no CUDA device it can use",
        "true  | false | false | auto | NOT_OK | libtorch has CUDA, but NVIDIA's driver is not loaded",
        "true  | false | false | cpu  | OK     | nothing here needs it",
        "false | false | false | auto | OK     | nothing here needs it",
      })
  void aGpuThatIsThereAndNotUsedIsNotOkUnlessTheCpuIsNamed(
      boolean built, boolean driver, boolean usable, String device, State state, String detail) {
    // Given
    CudaFacts facts =
        new CudaFacts("2.7.1", Path.of("libtorch/lib"), built, driver, usable, usable ? 2 : 0);

    // When
    Answer answer = MachineChecks.driver(facts, device);

    // Then
    assertThat(answer.state()).isEqualTo(state);
    assertThat(answer.detail()).contains(detail);
    assertThat(answer.remedy().isPresent()).isEqualTo(state == State.NOT_OK);
  }
}
