package dev.utter.worker.verification;

import static java.util.Objects.requireNonNull;

import dev.utter.events.Verdict;
import java.util.Optional;

/**
 * What a check found, in full: for the log, and for the verdict on a clip of the deployment.
 *
 * @param verdict the verdict
 * @param keyId id of the key that was found, or else was looked for
 * @param confidence of the detection, 0 to 1; 0 where there was none
 * @param sha256 of the bytes as read; empty if none were
 * @param message what is wrong; empty for a match
 * @param byDigest whether the mark was not looked for, because the bytes are those in which their
 *     worker found it
 */
record Finding(
    Verdict verdict,
    String keyId,
    float confidence,
    Optional<String> sha256,
    Optional<String> message,
    boolean byDigest) {

  /** One sentence for all, so that it gives no sizes, bytes or codes away. */
  private static final String UNREADABLE =
      "the object cannot be verified: it must be one that the worker may read, of"
          + " storage.maxObjectBytes at most, that holds a recording of a known format; the"
          + " worker's log has the reason";

  Finding {
    requireNonNull(verdict, "verdict is null");
    requireNonNull(keyId, "keyId is null");
    requireNonNull(sha256, "sha256 is null");
    requireNonNull(message, "message is null");
  }

  /** A finding with or without a detection. */
  Finding(
      Verdict verdict,
      String keyId,
      float confidence,
      Optional<String> sha256,
      Optional<String> message) {
    this(verdict, keyId, confidence, sha256, message, false);
  }

  static Finding unread(Verdict verdict, String keyId, String message) {
    return new Finding(verdict, keyId, 0, Optional.empty(), Optional.of(message));
  }

  /**
   * The part of this that is published to a requester who chose the object: the digest only if they
   * gave it, because it would identify an object that they may not read; and not why an object
   * cannot be used.
   */
  Finding forRequester(Optional<String> expectedSha256) {
    return new Finding(
        verdict,
        keyId,
        confidence,
        sha256.filter(actual -> expectedSha256.filter(actual::equals).isPresent()),
        verdict == Verdict.OBJECT_UNREADABLE ? Optional.of(UNREADABLE) : message);
  }

  static Finding read(
      Verdict verdict, String keyId, float confidence, String sha256, String message) {
    return new Finding(verdict, keyId, confidence, Optional.of(sha256), Optional.of(message));
  }
}
