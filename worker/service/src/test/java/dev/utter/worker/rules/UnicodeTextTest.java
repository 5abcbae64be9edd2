package dev.utter.worker.rules;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UnicodeTextTest {

  @ParameterizedTest
  @CsvSource({
    "clips/a.wav, clips/a.wav",
    "clips/ä ö/\ud83d\ude00.wav, clips/ä ö/\ud83d\ude00.wav",
    "clips/\u202Egpj.wav, clips/\\u202egpj.wav",
    "a\u2028b, a\\u2028b",
    "a\u200Bb, a\\u200bb",
    "a\u0007b, a\\u0007b",
    "a\uD83Db, a\\ud83db",
    "a\uDB40\uDC01b, a\\udb40\\udc01b",
  })
  void whatIsNotSeenOrMovesOthersIsEscaped(String text, String visible) {
    assertThat(UnicodeText.visible(text)).isEqualTo(visible);
  }
}
