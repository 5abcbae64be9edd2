package dev.utter.speech.cache;

import java.nio.file.Path;

/** The folder in which this program keeps what it can make or download again. */
public final class CacheFolder {

  private CacheFolder() {}

  /** The system property {@code utter.cache}, or {@code UTTER_CACHE}, or {@code ~/.cache/utter}. */
  public static Path ofProcess() {
    String named = System.getProperty("utter.cache", System.getenv("UTTER_CACHE"));
    return named == null
        ? Path.of(System.getProperty("user.home"), ".cache", "utter")
        : Path.of(named);
  }
}
