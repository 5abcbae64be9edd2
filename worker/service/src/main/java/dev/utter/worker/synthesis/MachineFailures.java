package dev.utter.worker.synthesis;

import dev.utter.speech.audio.ffmpeg.AudioToolException;
import dev.utter.worker.failure.FailureText;
import java.io.IOException;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Recognises errors that are about this machine and not about the request: a program that cannot be
 * started or does not end in time, a full disk, no further process or file.
 */
final class MachineFailures {
  private static final Set<String> EXHAUSTED =
      Set.of(
          "no space left",
          "disk quota exceeded",
          "too many open files",
          "cannot allocate memory",
          "resource temporarily unavailable",
          "read-only file system");

  private MachineFailures() {}

  /** What is wrong with the machine; empty if the error is of another kind. */
  static Optional<String> reason(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof AudioToolException || isExhaustion(cause)) {
        return Optional.of(FailureText.of(cause));
      }
    }
    return Optional.empty();
  }

  private static boolean isExhaustion(Throwable cause) {
    String message = String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT);
    return cause instanceof IOException && EXHAUSTED.stream().anyMatch(message::contains);
  }
}
