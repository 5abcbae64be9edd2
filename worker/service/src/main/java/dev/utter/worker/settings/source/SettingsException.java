package dev.utter.worker.settings.source;

/** An invalid setting. The message names it, its value unless it is secret, and the rule. */
public final class SettingsException extends IllegalArgumentException {

  /** What is wrong. */
  public SettingsException(String message) {
    super(message);
  }

  /** What is wrong, with the cause. */
  public SettingsException(String message, Throwable cause) {
    super(message, cause);
  }
}
