package dev.utter.worker.rules;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExcerptTest {

  @Test
  void plainTextIsQuotedAsItIs() {
    assertThat(Excerpt.of("Good morning.")).isEqualTo("\"Good morning.\"");
  }

  @Test
  void longTextIsCutAndItsLengthNamed() {
    assertThat(Excerpt.of("x".repeat(10_000)))
        .isEqualTo("\"" + "x".repeat(60) + "\"... (10000 characters)");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"a\nINFO forged", "\r\n\t", "\u001b[31m", "\u202e", "\ud83d", "\0", "\"\\"})
  void nothingButPrintableAsciiComesOut(String hostile) {
    assertThat(Excerpt.of(hostile)).matches("\"[ -~]*\"").doesNotContain("\n");
  }

  @Test
  void nullIsSaid() {
    assertThat(Excerpt.of(null)).isEqualTo("null");
  }
}
