/**
 * The worker's settings: one YAML file, overridden by the environment, read into records that check
 * every value. Secrets come from the environment or from files, never from the YAML itself, and
 * appear in no message.
 *
 * <p>{@link dev.utter.worker.settings.WorkerSettings#load} parses the file; {@code SettingsReader}
 * has the order in which the records are read. Each record reads and checks its own values.
 */
package dev.utter.worker.settings;
