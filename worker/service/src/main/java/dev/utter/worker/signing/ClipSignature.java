package dev.utter.worker.signing;

import static java.util.Objects.requireNonNull;

import java.time.Instant;

/**
 * A signature of a {@link ClipStatement}, with what is needed to verify it beside the facts of the
 * clip. It may come from anywhere: only {@link VerifyingKey} verifies it.
 *
 * @param keyId id of the key that signed: the first 16 hexadecimal digits of the SHA-256 of the
 *     public key's DER encoding
 * @param createdAt when the clip was made, in whole milliseconds
 * @param value the Ed25519 signature in Base64
 */
public record ClipSignature(String keyId, Instant createdAt, String value) {
  /** Refuses nulls. */
  public ClipSignature {
    requireNonNull(keyId, "keyId is null");
    requireNonNull(createdAt, "createdAt is null");
    requireNonNull(value, "value is null");
  }
}
