package dev.utter.worker.settings.source;

import java.util.Collection;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;

/** Finds the name that a misspelt one was meant to be. */
final class NearestName {
  /** A name that differs in more letters, or in more than half of them, is no misspelling. */
  private static final int MAX_DISTANCE = 8;

  private NearestName() {}

  static Optional<String> of(String name, Collection<String> known) {
    int limit = Math.min(MAX_DISTANCE, name.length() / 2);
    return known.stream()
        .map(each -> Map.entry(each, distance(name, each)))
        .filter(entry -> entry.getValue() <= limit)
        .min(
            Map.Entry.<String, Integer>comparingByValue()
                .thenComparing(Comparator.comparing(Map.Entry::getKey)))
        .map(Map.Entry::getKey);
  }

  /** Levenshtein's edit distance. */
  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int substituted = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(substituted, Math.min(row[j], row[j - 1]) + 1);
      }
    }
    return row[b.length()];
  }
}
