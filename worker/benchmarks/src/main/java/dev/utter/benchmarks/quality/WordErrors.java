package dev.utter.benchmarks.quality;

import java.text.Normalizer;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * How a transcript differs from its text, in words: the fewest substitutions, deletions and
 * insertions that make one of the other.
 *
 * @param words words of the text
 * @param substitutions other words
 * @param deletions words of the text that the transcript lacks
 * @param insertions words that only the transcript has
 */
record WordErrors(int words, int substitutions, int deletions, int insertions) {
  static final WordErrors NONE = new WordErrors(0, 0, 0, 0);

  /** Compares; case and punctuation do not count. */
  static WordErrors between(String text, String transcript) {
    List<String> expected = words(text);
    List<String> found = words(transcript);
    // A row for each word of the text so far, a column for each of the transcript.
    WordErrors[] row = new WordErrors[found.size() + 1];
    for (int column = 0; column < row.length; column++) {
      row[column] = new WordErrors(0, 0, 0, column);
    }
    for (String word : expected) {
      WordErrors diagonal = row[0];
      row[0] = row[0].plus(new WordErrors(1, 0, 1, 0));
      for (int column = 1; column < row.length; column++) {
        boolean same = word.equals(found.get(column - 1));
        WordErrors match = diagonal.plus(new WordErrors(1, same ? 0 : 1, 0, 0));
        WordErrors deletion = row[column].plus(new WordErrors(1, 0, 1, 0));
        WordErrors insertion = row[column - 1].plus(new WordErrors(0, 0, 0, 1));
        diagonal = row[column];
        row[column] = fewest(match, deletion, insertion);
      }
    }
    return row[found.size()];
  }

  private static WordErrors fewest(WordErrors... choices) {
    WordErrors best = choices[0];
    for (WordErrors choice : choices) {
      best = choice.errors() < best.errors() ? choice : best;
    }
    return best;
  }

  /** Lower case, without punctuation other than apostrophes in words. */
  static List<String> words(String text) {
    String plain =
        Normalizer.normalize(text, Normalizer.Form.NFC)
            .replace('\u2019', '\'')
            .toLowerCase(Locale.ROOT)
            .replaceAll("[^\\p{L}\\p{N}']+", " ");
    return Arrays.stream(plain.split(" "))
        .map(word -> word.replaceAll("^'+|'+$", ""))
        .filter(word -> !word.isEmpty())
        .toList();
  }

  WordErrors plus(WordErrors other) {
    return new WordErrors(
        words + other.words,
        substitutions + other.substitutions,
        deletions + other.deletions,
        insertions + other.insertions);
  }

  int errors() {
    return substitutions + deletions + insertions;
  }

  /** Errors for each word of the text; more than 1 is possible, 0 for no words and no errors. */
  double rate() {
    return errors() == 0 ? 0 : (double) errors() / Math.max(words, 1);
  }
}
