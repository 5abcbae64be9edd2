package dev.utter.worker.verification;

import static java.util.Objects.requireNonNull;

import dev.utter.events.ObjectReference;
import java.util.Optional;

/**
 * A clip to be checked.
 *
 * @param requestId id to answer under
 * @param audio where it is said to be
 * @param keyId id of the key that it is said to be marked with; empty if any of the deployment will
 *     do
 * @param expectedSha256 what its bytes should hash to, lower-case hexadecimal; empty if any will do
 * @param announcedConfidence of the detection in the bytes with that digest, as the worker says
 *     that made it; empty if nobody says so
 */
record StoredClip(
    String requestId,
    ObjectReference audio,
    Optional<String> keyId,
    Optional<String> expectedSha256,
    Optional<Float> announcedConfidence) {

  StoredClip {
    requireNonNull(requestId, "requestId is null");
    requireNonNull(audio, "audio is null");
    requireNonNull(keyId, "keyId is null");
    requireNonNull(expectedSha256, "expectedSha256 is null");
    requireNonNull(announcedConfidence, "announcedConfidence is null");
  }
}
