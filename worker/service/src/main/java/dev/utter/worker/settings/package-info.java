/**
 * The worker's settings: one YAML file, overridden by the environment, read into records that check
 * every value. Secrets come from the environment or from files, never from the YAML itself, and
 * appear in no message.
 */
package dev.utter.worker.settings;
