package dev.utter.benchmarks.quality;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WordErrorsTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "none",
      value = {
        // text | transcript | words | substitutions | deletions | insertions
        "the cat sat      | the cat sat          | 3 | 0 | 0 | 0",
        "The cat, sat!    | the CAT sat          | 3 | 0 | 0 | 0",
        "the cat sat      | the hat sat          | 3 | 1 | 0 | 0",
        "the cat sat      | the sat              | 3 | 0 | 1 | 0",
        "the cat sat      | the big cat sat down | 3 | 0 | 0 | 2",
        "the cat sat      | ''                   | 3 | 0 | 3 | 0",
        "''               | noise                | 0 | 0 | 0 | 1",
        "a b c d          | b c d e              | 4 | 0 | 1 | 1",
        "one two three    | two one three        | 3 | 2 | 0 | 0",
        "don’t stop       | don't stop           | 2 | 0 | 0 | 0",
        "the dogs' bone   | the dogs bone        | 3 | 0 | 0 | 0",
        "naïve café       | naive café           | 2 | 1 | 0 | 0",
      })
  void theFewestChangesAreCounted(
      String text, String transcript, int words, int substitutions, int deletions, int insertions) {
    assertThat(WordErrors.between(text, transcript))
        .isEqualTo(new WordErrors(words, substitutions, deletions, insertions));
  }

  @Test
  void theRateIsErrorsForEachWordOfAllTexts() {
    // Given
    WordErrors wrong = WordErrors.between("a b c d", "a x c");
    WordErrors right = WordErrors.between("e f g h i j", "e f g h i j");

    // Then
    assertThat(wrong.rate()).isEqualTo(0.5);
    assertThat(wrong.plus(right).rate()).isEqualTo(0.2);
    assertThat(WordErrors.between("a", "b c d").rate()).isEqualTo(3);
    assertThat(WordErrors.NONE.rate()).isZero();
    assertThat(WordErrors.between("", "b").rate()).isEqualTo(1);
  }
}
