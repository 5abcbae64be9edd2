package dev.utter.embedded.registry;

import static java.util.Objects.requireNonNull;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The compatibility level and the mode, globally (empty subject) and by subject. Not thread-safe.
 */
final class RegistryPolicies {
  private static final String GLOBAL = "";

  private final Map<String, CompatibilityLevel> levels = new TreeMap<>();
  private final Map<String, RegistryMode> modes = new TreeMap<>();

  RegistryPolicies() {
    levels.put(GLOBAL, CompatibilityLevel.BACKWARD);
    modes.put(GLOBAL, RegistryMode.READWRITE);
  }

  void restore(Map<String, CompatibilityLevel> savedLevels, Map<String, RegistryMode> savedModes) {
    levels.putAll(savedLevels);
    modes.putAll(savedModes);
  }

  Map<String, CompatibilityLevel> levels() {
    return levels;
  }

  Map<String, RegistryMode> modes() {
    return modes;
  }

  /** The level in force for a subject. */
  CompatibilityLevel level(String subject) {
    return ownLevel(subject).orElseGet(() -> requireNonNull(levels.get(GLOBAL)));
  }

  /** The level set for this subject alone, or globally if the subject is empty. */
  Optional<CompatibilityLevel> ownLevel(String subject) {
    return Optional.ofNullable(levels.get(subject));
  }

  void setLevel(String subject, CompatibilityLevel level) {
    levels.put(subject, level);
  }

  /**
   * Resets a subject to the global level, or the global level to its default; returns the level
   * that was set.
   */
  CompatibilityLevel resetLevel(String subject) {
    CompatibilityLevel was =
        ownLevel(subject).orElseThrow(() -> RegistryException.subjectNotFound(subject));
    if (subject.equals(GLOBAL)) {
      levels.put(GLOBAL, CompatibilityLevel.BACKWARD);
    } else {
      levels.remove(subject);
    }
    return was;
  }

  /** The mode in force for a subject. */
  RegistryMode mode(String subject) {
    return ownMode(subject).orElseGet(() -> requireNonNull(modes.get(GLOBAL)));
  }

  /** The mode set for this subject alone, or globally if the subject is empty. */
  Optional<RegistryMode> ownMode(String subject) {
    return Optional.ofNullable(modes.get(subject));
  }

  void setMode(String subject, RegistryMode mode) {
    modes.put(subject, mode);
  }
}
