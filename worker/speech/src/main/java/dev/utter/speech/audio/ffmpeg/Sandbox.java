package dev.utter.speech.audio.ffmpeg;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Separates ffmpeg from the rest of the machine, in addition to its limits: no network, no way to
 * new privileges, no capabilities, no view of this process' memory and environment, and a bound on
 * processes. It is made of util-linux' {@code unshare}, {@code prlimit} and {@code setpriv}, as far
 * as they exist and are permitted. Which of them work is found out once, by running ffmpeg in them.
 * Containers often forbid new namespaces; then the limits alone remain, and the log says so.
 */
final class Sandbox {
  private static final Logger LOG = LoggerFactory.getLogger(Sandbox.class);

  private static final List<String> NAMESPACES = List.of("unshare", "-r", "-n", "-i");
  private static final List<String> PROCESSES = List.of("prlimit", "--nproc=64");
  private static final List<String> PRIVILEGES =
      List.of("setpriv", "--no-new-privs", "--inh-caps=-all", "--bounding-set=-all");

  /** From the strictest to the loosest. */
  private static final List<List<List<String>>> CANDIDATES =
      List.of(
          List.of(NAMESPACES, PROCESSES, PRIVILEGES),
          List.of(NAMESPACES, PRIVILEGES),
          List.of(NAMESPACES),
          List.of(List.of("setpriv", "--no-new-privs")));

  private static final long PROBE_SECONDS = 10;

  private static @Nullable List<String> chosen;

  private Sandbox() {}

  /**
   * The words before a command that runs in the sandbox; empty if there is none on this machine.
   */
  static synchronized List<String> prefix(Path program) {
    if (chosen == null) {
      chosen =
          CANDIDATES.stream()
              .map(tools -> tools.stream().flatMap(List::stream).toList())
              .filter(prefix -> works(prefix, program))
              .findFirst()
              .orElse(List.of());
      if (chosen.isEmpty()) {
        LOG.atWarn().log("No sandbox for the decoder; only its limits apply");
      } else {
        LOG.atInfo().addKeyValue("sandbox", String.join(" ", chosen)).log("Decoder sandbox chosen");
      }
    }
    return chosen;
  }

  /** Whether ffmpeg, with its threads, runs behind these words. */
  private static boolean works(List<String> prefix, Path program) {
    List<String> command =
        FfmpegRun.limited(
            prefix,
            program,
            List.of("-f", "s16le", "-i", "fd:", "-f", "null", "-"),
            RunLimits.DEFAULT,
            0);
    ProcessBuilder builder =
        FfmpegRun.bare(command, program)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD);
    try {
      Process process = builder.start();
      process.getOutputStream().write(new byte[4000]);
      process.getOutputStream().close();
      boolean ended = process.waitFor(PROBE_SECONDS, TimeUnit.SECONDS);
      process.destroyForcibly();
      return ended && process.exitValue() == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AudioToolException("interrupted while starting ffmpeg", e);
    }
  }
}
