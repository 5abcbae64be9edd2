package dev.utter.worker.settings.source;

import java.util.AbstractMap;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The environment of a worker. Notes which variables were asked for, so that a misspelt {@code
 * UTTER_…} variable can be refused instead of being ignored.
 */
public final class SettingsEnvironment extends AbstractMap<String, String> {
  private static final String PREFIX = "UTTER_";

  /** Read by the launcher, the image, the log configuration and the audio decoder. */
  private static final Set<String> OF_THE_PROCESS =
      Set.of(
          "UTTER_JAVA_OPTS",
          "UTTER_MAVEN_OPTS",
          "UTTER_MAIN_CLASS",
          "UTTER_LOG_LEVEL",
          "UTTER_LOG_FORMAT",
          "UTTER_LIBRARY_LOG_LEVEL",
          "UTTER_CACHE",
          "UTTER_FFMPEG_HOME");

  /** A name that differs in more letters is no misspelling. */
  private static final int MAX_DISTANCE = 8;

  private final Map<String, String> variables;
  private final Set<String> asked = new TreeSet<>();
  private final Set<String> skipped = new TreeSet<>();

  public SettingsEnvironment(Map<String, String> variables) {
    this.variables = Map.copyOf(variables);
  }

  @Override
  public @Nullable String get(Object name) {
    asked.add((String) name);
    return variables.get(name);
  }

  @Override
  public boolean containsKey(Object name) {
    return get(name) != null;
  }

  @Override
  public Set<Entry<String, String>> entrySet() {
    return variables.entrySet();
  }

  /** The variables that were asked for until now, those of secrets among them. */
  public Set<String> asked() {
    return Collections.unmodifiableSet(asked);
  }

  /** The worker does without this section, so its variables do not matter. */
  public void skip(String section) {
    skipped.add(PREFIX + section.toUpperCase(Locale.ROOT) + "_");
  }

  /**
   * Refuses variables that look like settings and are none.
   *
   * @throws SettingsException naming the variable and the nearest setting
   */
  public void refuseUnknown() {
    for (String name : new TreeSet<>(variables.keySet())) {
      if (name.startsWith(PREFIX)
          && !asked.contains(name)
          && !OF_THE_PROCESS.contains(name)
          && skipped.stream().noneMatch(name::startsWith)) {
        throw new SettingsException(
            "unknown environment variable "
                + name
                + nearest(name).map(known -> "; the nearest setting is " + known).orElse("")
                + ". Kubernetes sets variables named after services; enableServiceLinks: false"
                + " prevents that");
      }
    }
  }

  private Optional<String> nearest(String name) {
    Map<String, Integer> distances = new HashMap<>();
    asked.stream()
        .filter(known -> known.startsWith(PREFIX))
        .forEach(known -> distances.put(known, distance(name, known)));
    return distances.entrySet().stream()
        .filter(entry -> entry.getValue() <= MAX_DISTANCE)
        .min(
            Entry.<String, Integer>comparingByValue()
                .thenComparing(Comparator.comparing(Entry::getKey)))
        .map(Entry::getKey);
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
