package dev.utter.worker.settings.source;

import java.util.AbstractMap;
import java.util.Collection;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The environment of a worker. Notes which variables were asked for, so that a misspelt {@code
 * UTTER_…} variable can be refused instead of being ignored.
 */
public final class SettingsEnvironment extends AbstractMap<String, String> {
  static final String PREFIX = "UTTER_";

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

  private final Map<String, String> variables;
  private final Set<String> asked = new TreeSet<>();

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

  /**
   * Refuses variables that look like settings and are none.
   *
   * @param known variables of all settings
   * @throws SettingsException naming the variable and the nearest setting
   */
  void refuseUnknown(Collection<String> known) {
    for (String name : new TreeSet<>(variables.keySet())) {
      if (name.startsWith(PREFIX)
          && !known.contains(name)
          && !asked.contains(name)
          && !OF_THE_PROCESS.contains(name)) {
        throw new SettingsException(
            "unknown environment variable "
                + name
                + NearestName.of(name, known)
                    .map(nearest -> "; the nearest setting is " + nearest)
                    .orElse("")
                + ". Kubernetes sets variables named after services; enableServiceLinks: false"
                + " prevents that");
      }
    }
  }
}
