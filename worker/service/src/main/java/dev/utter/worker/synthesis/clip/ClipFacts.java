package dev.utter.worker.synthesis.clip;

import dev.utter.events.FinishReason;
import dev.utter.worker.rules.ClipMetadata;
import dev.utter.worker.signing.ClipSignature;
import dev.utter.worker.signing.ClipSigner;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What is known of a stored clip beside its bytes. Stored as the object's metadata, so that a clip
 * found in the store has everything that its event needs.
 *
 * @param requestId request it answers
 * @param fingerprint of the request's content
 * @param sha256 of the bytes, lower-case hexadecimal
 * @param sampleRate samples per second of the file
 * @param durationMillis playing time
 * @param frames frames generated
 * @param finishReason why generation ended
 * @param seed of the sampling noise
 * @param modelName model that spoke
 * @param modelRevision its revision
 * @param keyId id of the watermark's key
 * @param confidence with which the mark was found in the bytes, as it is published
 * @param signature of the worker that made the clip; empty if it signs none. Nothing depends on it
 *     here, it is passed on to those who have the public key
 */
public record ClipFacts(
    String requestId,
    String fingerprint,
    String sha256,
    int sampleRate,
    long durationMillis,
    int frames,
    FinishReason finishReason,
    long seed,
    String modelName,
    String modelRevision,
    String keyId,
    float confidence,
    Optional<ClipSignature> signature) {

  private static final String REQUEST_ID = ClipOwner.REQUEST_ID;
  private static final String FINGERPRINT = "utter-content";
  private static final String SHA256 = "utter-sha256";
  private static final String SAMPLE_RATE = "utter-sample-rate";
  private static final String DURATION = "utter-duration-millis";
  private static final String FRAMES = "utter-frames";
  private static final String FINISH_REASON = "utter-finish-reason";
  private static final String SEED = "utter-seed";
  private static final String MODEL_NAME = "utter-model-name";
  private static final String MODEL_REVISION = "utter-model-revision";
  private static final String SIGNATURE = "utter-signature";
  private static final String SIGNING_KEY_ID = "utter-signing-key-id";
  private static final String CREATED_AT = "utter-created-at-millis";
  private static final String CONFIDENCE = "utter-watermark-confidence";

  /** Makes the model's name one that object metadata can hold. */
  public ClipFacts {
    modelName = modelName.replaceAll("[^\\x21-\\x7e]", "_");
  }

  /** These facts with a signature of the worker that just made the clip. */
  ClipFacts signed(ClipSigner signer) {
    return new ClipFacts(
        requestId,
        fingerprint,
        sha256,
        sampleRate,
        durationMillis,
        frames,
        finishReason,
        seed,
        modelName,
        modelRevision,
        keyId,
        confidence,
        Optional.of(signer.sign(requestId, sha256, modelName, modelRevision, keyId)));
  }

  /** As object metadata. */
  public Map<String, String> metadata() {
    Map<String, String> metadata = new TreeMap<>();
    metadata.put(REQUEST_ID, requestId);
    metadata.put(FINGERPRINT, fingerprint);
    metadata.put(SHA256, sha256);
    metadata.put(SAMPLE_RATE, Integer.toString(sampleRate));
    metadata.put(DURATION, Long.toString(durationMillis));
    metadata.put(FRAMES, Integer.toString(frames));
    metadata.put(FINISH_REASON, finishReason.name());
    metadata.put(SEED, Long.toString(seed));
    metadata.put(MODEL_NAME, modelName);
    metadata.put(MODEL_REVISION, modelRevision);
    metadata.put(ClipMetadata.WATERMARK_KEY_ID, keyId);
    metadata.put(CONFIDENCE, Float.toString(confidence));
    signature.ifPresent(
        signed -> {
          metadata.put(SIGNATURE, signed.value());
          metadata.put(SIGNING_KEY_ID, signed.keyId());
          metadata.put(CREATED_AT, Long.toString(signed.createdAt().toEpochMilli()));
        });
    return metadata;
  }

  /** From object metadata; empty if it is not a clip's. */
  public static Optional<ClipFacts> of(Map<String, String> metadata) {
    try {
      return Optional.of(
          new ClipFacts(
              text(metadata, REQUEST_ID),
              text(metadata, FINGERPRINT),
              text(metadata, SHA256),
              Integer.parseInt(text(metadata, SAMPLE_RATE)),
              Long.parseLong(text(metadata, DURATION)),
              Integer.parseInt(text(metadata, FRAMES)),
              FinishReason.valueOf(text(metadata, FINISH_REASON)),
              Long.parseLong(text(metadata, SEED)),
              text(metadata, MODEL_NAME),
              text(metadata, MODEL_REVISION),
              text(metadata, ClipMetadata.WATERMARK_KEY_ID),
              Float.parseFloat(text(metadata, CONFIDENCE)),
              signature(metadata)));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static Optional<ClipSignature> signature(Map<String, String> metadata) {
    return metadata.containsKey(SIGNATURE)
        ? Optional.of(
            new ClipSignature(
                text(metadata, SIGNING_KEY_ID),
                Instant.ofEpochMilli(Long.parseLong(text(metadata, CREATED_AT))),
                text(metadata, SIGNATURE)))
        : Optional.empty();
  }

  private static String text(Map<String, String> metadata, String key) {
    String value = metadata.get(key);
    if (value == null) {
      throw new IllegalArgumentException(key + " is missing");
    }
    return value;
  }
}
