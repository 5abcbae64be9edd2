package dev.utter.speech.torch.program;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import org.junit.jupiter.api.Test;

class SharedConstantsTest {

  @Test
  void aConstantHasItsNameInCapitals() {
    // Given
    String header =
        """
        // constexpr int64_t kInAComment = 1;
        constexpr int64_t kInt16Max = 32767;
        constexpr float kSmallest = 1e-30f;
        """;

    // Then
    assertThat(SharedConstants.parse(header))
        .containsOnly(entry("INT16_MAX", 32767L), entry("SMALLEST", 1e-30f));
  }

  @Test
  void aConstantThatIsNotUnderstoodIsRefused() {
    assertThatThrownBy(() -> SharedConstants.parse("constexpr double kPi = 3.14;"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("declares 1 constants, 0 are understood");
  }

  @Test
  void theNumbersOfLanguagesAgree() {
    assertThat(SharedConstants.read())
        .containsEntry("INT8_MAX", (long) Byte.MAX_VALUE)
        .containsEntry("INT16_MAX", (long) Short.MAX_VALUE)
        .containsEntry("INT32_MAX", (long) Integer.MAX_VALUE);
  }
}
