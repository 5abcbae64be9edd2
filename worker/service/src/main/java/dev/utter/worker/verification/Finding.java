package dev.utter.worker.verification;

import static java.util.Objects.requireNonNull;

import dev.utter.events.Verdict;
import java.util.Optional;

/**
 * What a check found.
 *
 * @param verdict the verdict
 * @param keyId id of the key that was found, or else was looked for
 * @param confidence of the detection, 0 to 1; 0 where there was none
 * @param sha256 of the bytes as read; empty if none were
 * @param message what is wrong; empty for a match
 */
record Finding(
    Verdict verdict,
    String keyId,
    float confidence,
    Optional<String> sha256,
    Optional<String> message) {

  Finding {
    requireNonNull(verdict, "verdict is null");
    requireNonNull(keyId, "keyId is null");
    requireNonNull(sha256, "sha256 is null");
    requireNonNull(message, "message is null");
  }

  static Finding unread(Verdict verdict, String keyId, String message) {
    return new Finding(verdict, keyId, 0, Optional.empty(), Optional.of(message));
  }

  static Finding read(
      Verdict verdict, String keyId, float confidence, String sha256, String message) {
    return new Finding(verdict, keyId, confidence, Optional.of(sha256), Optional.of(message));
  }
}
