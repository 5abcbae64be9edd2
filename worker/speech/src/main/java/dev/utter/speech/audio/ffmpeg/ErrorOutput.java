package dev.utter.speech.audio.ffmpeg;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The standard error of ffmpeg. It is read at once, so that ffmpeg never waits, and kept up to a
 * length. Addresses and names of threads, which differ from run to run, are removed.
 */
final class ErrorOutput {
  private static final int KEPT = 1 << 16;
  private static final int MESSAGE_LENGTH = 200;
  private static final Pattern ORIGIN = Pattern.compile("\\[[^\\]]*@ 0x[0-9a-f]+\\] ?");
  private static final Pattern LEVEL = Pattern.compile("\\[(error|fatal|panic)\\] ?");

  /** Messages that follow from an error reported before. */
  private static final List<String> CONSEQUENCES =
      List.of(
          "Error submitting packet",
          "Error processing packet",
          "Decoding error",
          "Terminating thread",
          "Task finished",
          "Error opening input",
          "Error while",
          "Nothing was written",
          "Cannot determine format",
          "Conversion failed");

  /**
   * Messages that do not concern the audio: pictures and films have codecs that are not allowed.
   */
  private static final List<String> HARMLESS =
      List.of("Application provided invalid", "not on whitelist");

  private final CompletableFuture<String> text = new CompletableFuture<>();

  private ErrorOutput() {}

  static ErrorOutput of(InputStream stream) {
    ErrorOutput output = new ErrorOutput();
    Thread reader = new Thread(() -> output.read(stream), "utter-ffmpeg-errors");
    reader.setDaemon(true);
    reader.start();
    return output;
  }

  private void read(InputStream stream) {
    String kept = "";
    try (stream) {
      kept = new String(stream.readNBytes(KEPT), StandardCharsets.UTF_8);
      stream.transferTo(OutputStream.nullOutputStream());
    } catch (IOException e) {
      // The process was killed; earlier output counts.
    }
    text.complete(kept);
  }

  /** The first error, as a phrase for the file's owner; empty if there is none. */
  Optional<String> complaint() {
    List<String> errors =
        lines()
            .filter(line -> LEVEL.matcher(line).find())
            .map(line -> LEVEL.matcher(ORIGIN.matcher(line).replaceAll("")).replaceAll("").strip())
            .filter(line -> HARMLESS.stream().noneMatch(line::contains))
            .toList();
    if (errors.stream().anyMatch(line -> line.contains("matches no streams"))) {
      return Optional.of("it holds no sound");
    }
    if (errors.stream().anyMatch(line -> line.contains("opening decoder"))) {
      return Optional.of("its codec is none of those that are read");
    }
    Optional<String> cause =
        errors.stream()
            .filter(line -> CONSEQUENCES.stream().noneMatch(line::startsWith))
            .findFirst()
            .map(ErrorOutput::shortened);
    return errors.isEmpty() ? Optional.empty() : cause.or(() -> Optional.of("invalid data"));
  }

  /** The errors of the sandbox's tools; empty if there are none. */
  Optional<String> ofSandbox() {
    return lines()
        .filter(
            line ->
                line.startsWith("unshare: ")
                    || line.startsWith("setpriv: ")
                    || line.startsWith("prlimit: "))
        .findFirst()
        .map(ErrorOutput::shortened);
  }

  /** The last line of the shell or the loader, for the operator. */
  String lastLine() {
    return lines()
        .filter(line -> !line.contains("no version information"))
        .reduce((earlier, later) -> later)
        .map(ErrorOutput::shortened)
        .orElse("no message");
  }

  private Stream<String> lines() {
    return text.join().lines().filter(line -> !line.isBlank());
  }

  private static String shortened(String line) {
    String clean = line.replaceAll("\\p{Cntrl}", "?");
    return clean.substring(0, Math.min(clean.length(), MESSAGE_LENGTH));
  }
}
