package dev.utter.worker.storage.secret;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Reads secrets from their files whenever they are used; keeps the last ones if a file cannot be
 * read. Thread-safe.
 */
public final class CurrentSecrets {
  /** More changes than an operator makes while files are read. */
  private static final int MAX_READINGS = 5;

  private final List<Optional<Path>> files;
  private final Consumer<List<String>> rules;
  private final ReloadedValue<List<String>> secrets;

  /**
   * Secrets, some of which come from files.
   *
   * @param files where each of them is read again; empty for one that stays
   * @param rules throws IllegalArgumentException, without their values, for secrets that must not
   *     be used
   */
  public CurrentSecrets(
      List<String> first, List<Optional<Path>> files, Consumer<List<String>> rules) {
    if (files.size() != first.size()) {
      throw new IllegalArgumentException(
          "there are %d secrets and %d files".formatted(first.size(), files.size()));
    }
    this.files = List.copyOf(files);
    this.rules = rules;
    rules.accept(List.copyOf(first));
    secrets =
        new ReloadedValue<>(
            List.copyOf(first),
            this::current,
            "Clip keys changed",
            "Clip keys cannot be used as their files have them, the last ones are used");
  }

  /** Number of secrets; it never changes. */
  public int size() {
    return files.size();
  }

  public List<String> get() {
    return secrets.get();
  }

  private List<String> current(List<String> last) throws IOException {
    if (files.stream().allMatch(Optional::isEmpty)) {
      return last;
    }
    List<String> now = settled(last);
    rules.accept(now);
    return now;
  }

  /** Reads the files until two readings are equal, because several may change together. */
  private List<String> settled(List<String> last) throws IOException {
    List<String> before = read(last);
    for (int i = 1; i < MAX_READINGS; i++) {
      List<String> now = read(last);
      if (now.equals(before)) {
        return now;
      }
      before = now;
    }
    throw new IOException("the files change while they are read");
  }

  private List<String> read(List<String> last) throws IOException {
    List<String> now = new ArrayList<>();
    for (int i = 0; i < files.size(); i++) {
      Optional<Path> file = files.get(i);
      now.add(file.isPresent() ? Files.readString(file.get()).stripTrailing() : last.get(i));
    }
    return now;
  }
}
