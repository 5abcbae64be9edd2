package dev.utter.worker.settings.source;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;
import java.util.Optional;

/**
 * A secret, and where it was read from.
 *
 * @param value the secret itself
 * @param file the file it was read from; empty if it did not come from one
 */
public record Secret(String value, Optional<Path> file) {
  /** Refuses nulls. */
  public Secret {
    requireNonNull(value, "value is null");
    requireNonNull(file, "file is null");
  }

  /**
   * A secret with a public name.
   *
   * @param name the name
   * @param value the secret itself
   */
  public record Named(String name, String value) {
    /** Shows the name only. */
    @Override
    public String toString() {
      return "Secret.Named[" + name + "]";
    }
  }

  /** Shows the file only. */
  @Override
  public String toString() {
    return "Secret[" + file.map(Path::toString).orElse("***") + "]";
  }
}
