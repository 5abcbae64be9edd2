package dev.utter.worker.settings.source;

import java.util.Optional;

/**
 * The default of a setting.
 *
 * @param <T> type of the setting's values
 */
public final class SettingDefault<T> {
  /** The word by which file and environment leave a setting to the worker. */
  static final String AUTO = "auto";

  private final Optional<T> value;
  private final Optional<String> words;
  private final boolean automatic;
  private final boolean required;

  private SettingDefault(
      Optional<T> value, Optional<String> words, boolean automatic, boolean required) {
    this.value = value;
    this.words = words;
    this.automatic = automatic;
    this.required = required;
  }

  /** This value. */
  static <T> SettingDefault<T> value(T value) {
    return new SettingDefault<>(Optional.of(value), Optional.empty(), false, false);
  }

  /** None: the setting has to be set. */
  public static <T> SettingDefault<T> required() {
    return new SettingDefault<>(Optional.empty(), Optional.of("required"), false, true);
  }

  /** None: the worker goes without. */
  public static <T> SettingDefault<T> none() {
    return otherwise("none");
  }

  /**
   * A default that the code which reads the setting determines.
   *
   * @param words what that is, for the page
   */
  public static <T> SettingDefault<T> otherwise(String words) {
    return new SettingDefault<>(Optional.empty(), Optional.of(words), false, false);
  }

  /**
   * The worker chooses. File and environment may also say so, with the word {@code auto}.
   *
   * @param words what it chooses, for the page
   */
  public static <T> SettingDefault<T> auto(String words) {
    return new SettingDefault<>(Optional.empty(), Optional.of(words), true, false);
  }

  Optional<T> value() {
    return value;
  }

  boolean isRequired() {
    return required;
  }

  boolean isAutomatic() {
    return automatic;
  }

  /** For the page. */
  String text(SettingType<T> type) {
    String text = value.map(type::text).or(() -> words).orElseThrow();
    return automatic ? "`" + AUTO + "`: " + text : text;
  }
}
