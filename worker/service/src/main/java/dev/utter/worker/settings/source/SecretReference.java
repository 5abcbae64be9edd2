package dev.utter.worker.settings.source;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** Follows {@code env:NAME} and {@code file:/path} to a secret. */
final class SecretReference {
  private static final String ENVIRONMENT = "env:";
  private static final String FILE = "file:";

  private SecretReference() {}

  /** Whether a text is a reference and not the secret itself. */
  static boolean is(String text) {
    return text.startsWith(ENVIRONMENT) || text.startsWith(FILE);
  }

  /**
   * The secret; a file's trailing line end is not part of it.
   *
   * @throws SettingsException if the text is no reference, or leads nowhere
   */
  static String resolve(String path, String text, Map<String, String> environment) {
    if (text.startsWith(ENVIRONMENT)) {
      String name = text.substring(ENVIRONMENT.length());
      String value = environment.get(name);
      if (value == null || value.isEmpty()) {
        throw new SettingsException(
            path + " refers to the environment variable " + name + ", which is not set");
      }
      return value;
    }
    if (text.startsWith(FILE)) {
      return read(path, text.substring(FILE.length()));
    }
    throw new SettingsException(
        path
            + " holds a secret in the file itself: it must be env:NAME or file:/path, or come from"
            + " the environment");
  }

  /** The file that a reference leads to, if it leads to one. */
  static Optional<Path> file(String text) {
    return text.startsWith(FILE)
        ? Optional.of(Path.of(text.substring(FILE.length())))
        : Optional.empty();
  }

  private static String read(String path, String file) {
    try {
      return Files.readString(Path.of(file)).stripTrailing();
    } catch (IOException | InvalidPathException e) {
      throw new SettingsException(
          path + " refers to the file " + file + ", which cannot be read: " + e, e);
    }
  }
}
