package dev.utter.worker.telemetry.metrics;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/**
 * What the program was built from.
 *
 * @param version its version
 * @param commit commit of its sources; {@code unknown} if the build did not know it
 * @param libtorch version of libtorch that it is built for
 */
record BuildFacts(String version, String commit, String libtorch) {

  /** The facts that the build has written down. */
  static BuildFacts load() {
    Properties properties = new Properties();
    try (InputStream file =
        requireNonNull(
            BuildFacts.class.getResourceAsStream("build.properties"), "no build.properties")) {
      properties.load(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new BuildFacts(
        properties.getProperty("version"),
        properties.getProperty("commit"),
        properties.getProperty("libtorch"));
  }
}
