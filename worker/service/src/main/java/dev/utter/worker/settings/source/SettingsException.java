package dev.utter.worker.settings.source;

/**
 * A setting that cannot stand. The message names it, its value unless it is secret, and the rule.
 */
public final class SettingsException extends IllegalArgumentException {

  /** What is wrong. */
  public SettingsException(String message) {
    super(message);
  }

  /** What is wrong, and what said so. */
  public SettingsException(String message, Throwable cause) {
    super(message, cause);
  }
}
