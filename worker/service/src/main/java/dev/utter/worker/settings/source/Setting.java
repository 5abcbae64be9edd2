package dev.utter.worker.settings.source;

import java.util.Locale;
import java.util.Optional;

/**
 * One setting: its name, its values and their rule, its default, and its row on the page of the
 * settings. Made by its {@link SettingGroup}, beside the record that has its value.
 *
 * @param <T> type of its values
 */
public final class Setting<T> {
  private final String section;
  private final String name;
  private final SettingType<T> type;
  private final SettingDefault<T> byDefault;
  private final boolean everyday;
  private final String description;

  Setting(
      String section,
      String name,
      SettingType<T> type,
      SettingDefault<T> byDefault,
      boolean everyday,
      String description) {
    this.section = section;
    this.name = name;
    this.type = type;
    this.byDefault = byDefault;
    this.everyday = everyday;
    this.description = description;
  }

  /** The name in the file, with the section: {@code kafka.stateFolder}. */
  public String fullName() {
    return section + "." + name;
  }

  /** The variable that overrides it: {@code UTTER_KAFKA_STATE_FOLDER}. */
  public String variable() {
    return SettingsEnvironment.PREFIX
        + fullName()
            .replaceAll("([a-z0-9])([A-Z])", "$1_$2")
            .replace('.', '_')
            .toUpperCase(Locale.ROOT);
  }

  /** Type, unit and rule of its values, for the page. */
  public String typeText() {
    return type.label();
  }

  /** The default, for the page. */
  public String defaultText() {
    return byDefault.text(type);
  }

  /** Whether most deployments look at it; the others are advanced. */
  public boolean everyday() {
    return everyday;
  }

  /** What it does, for the page. */
  public String description() {
    return description;
  }

  /** The default, of a setting that has a value for one. */
  public T defaultValue() {
    return byDefault
        .value()
        .orElseThrow(() -> new IllegalStateException(fullName() + " has no value by default"));
  }

  /**
   * Refuses a value that breaks the rule.
   *
   * @return the value
   * @throws SettingsException with name, value and rule
   */
  public T check(T value) {
    type.check(fullName(), value);
    return value;
  }

  /** The exception for a value that breaks a rule about more than this setting. */
  public SettingsException refusal(T value, String rule) {
    return type.refusal(fullName(), value, rule);
  }

  String section() {
    return section;
  }

  String name() {
    return name;
  }

  /** What was set; empty if nothing was, or {@code auto}. */
  Optional<T> read(SettingValue value) {
    if (byDefault.isAutomatic() && value.isWord(SettingDefault.AUTO)) {
      return Optional.empty();
    }
    if (byDefault.isRequired() && value.isBlank()) {
      throw new SettingsException(
          value.name() + " is missing (environment: " + value.variable() + ")");
    }
    Optional<T> read = type.read(value);
    read.ifPresent(each -> type.check(value.name(), each));
    return read;
  }

  Optional<T> valueByDefault() {
    return byDefault.value();
  }

  /** The full name. */
  @Override
  public String toString() {
    return fullName();
  }
}
