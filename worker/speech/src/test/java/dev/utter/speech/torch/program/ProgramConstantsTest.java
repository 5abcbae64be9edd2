package dev.utter.speech.torch.program;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;

class ProgramConstantsTest {

  @Test
  void namesInCapitalsBecomeNumbers() {
    // Given
    ProgramConstants constants = new ProgramConstants(Map.of("KERNEL_MM", 4));

    // Then
    assertThat(constants.substitute("x = torch.to(y, FLOAT32) if k == KERNEL_MM else z\n"))
        .isEqualTo("x = torch.to(y, 6) if k == 4 else z\n");
  }

  @Test
  void commentsAndTextsAreLeftAlone() {
    // Given
    String source = "assert x, \"RMS of FLOAT32\"  # FLOAT32 and UNKNOWN\n";

    // Then
    assertThat(new ProgramConstants(Map.of()).substitute(source)).isEqualTo(source);
  }

  @Test
  void anUnknownNameIsRefused() {
    assertThatThrownBy(() -> new ProgramConstants(Map.of()).substitute("x = FLOAT33"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the program names the constant FLOAT33, which is unknown");
  }

  @Test
  void aNameHasOneValue() {
    assertThatThrownBy(() -> new ProgramConstants(Map.of("FLOAT32", 7)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("constant FLOAT32 is 7 and 6, must be one number");
  }

  @Test
  void everyProgramKnowsTheNumbersOfTheCpuOperators() {
    assertThat(new ProgramConstants(Map.of()).substitute("x = [EPS_TAIL, INT8_MAX, MIN_MAGNITUDE]"))
        .isEqualTo("x = [8, 127, 1.0E-30]");
  }
}
