package dev.utter.worker.verification;

import static java.util.Objects.requireNonNull;

import dev.utter.events.Verdict;
import java.util.Optional;

/**
 * What a check found.
 *
 * @param verdict the verdict
 * @param confidence of the detection, 0 to 1; 0 where there was none
 * @param sha256 of the bytes as read; empty if none were
 * @param message what is wrong; empty for a match
 */
record Finding(
    Verdict verdict, float confidence, Optional<String> sha256, Optional<String> message) {

  Finding {
    requireNonNull(verdict, "verdict is null");
    requireNonNull(sha256, "sha256 is null");
    requireNonNull(message, "message is null");
  }

  static Finding unread(Verdict verdict, String message) {
    return new Finding(verdict, 0, Optional.empty(), Optional.of(message));
  }

  static Finding read(Verdict verdict, float confidence, String sha256, String message) {
    return new Finding(verdict, confidence, Optional.of(sha256), Optional.of(message));
  }
}
