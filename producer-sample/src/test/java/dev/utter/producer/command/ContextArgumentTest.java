package dev.utter.producer.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ContextArgumentTest {

  @Test
  void theTextMayHoldColons() {
    // When
    ContextArgument argument = ContextArgument.parse("1:Listen: it is 12:30.:voices/anna.wav");

    // Then
    assertThat(argument)
        .isEqualTo(new ContextArgument(1, "Listen: it is 12:30.", Path.of("voices/anna.wav")));
  }

  @Test
  void theTextMayBeEmptyBecauseTheWorkerDecidesThat() {
    assertThat(ContextArgument.parse("0::a.wav"))
        .isEqualTo(new ContextArgument(0, "", Path.of("a.wav")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a.wav", "0:a.wav", "0:text:", "zero:text:a.wav", ":text:a.wav"})
  void anythingElseIsRefusedWithTheArgumentInTheMessage(String argument) {
    assertThatThrownBy(() -> ContextArgument.parse(argument))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'" + argument.replaceAll(":text:.+", "") + "'");
  }
}
