package dev.utter.worker.synthesis.clip;

import static java.util.Objects.requireNonNull;

import dev.utter.events.FailureCode;
import dev.utter.events.FinishReason;
import dev.utter.speech.ModelDescription;
import dev.utter.speech.Speech;
import dev.utter.speech.audio.decode.AudioDecoder;
import dev.utter.speech.audio.encode.AudioEncoder;
import dev.utter.speech.digest.Sha256;
import dev.utter.speech.watermark.AudioWatermark;
import dev.utter.speech.watermark.Detection;
import dev.utter.speech.watermark.MarkedEncoder;
import dev.utter.speech.watermark.MarkedEncoder.MarkedFile;
import dev.utter.speech.watermark.WatermarkKey;
import dev.utter.speech.watermark.network.PassPriority;
import dev.utter.worker.failure.RequestFailedException;
import dev.utter.worker.rules.PublishedConfidence;
import dev.utter.worker.signing.ClipSigner;
import dev.utter.worker.synthesis.request.Plan;
import java.util.Optional;

/** Turns speech into marked files with the facts about them. Safe for several threads. */
public final class ClipMarking {
  private final AudioWatermark watermark;
  private final WatermarkKey key;
  private final MarkedEncoder encoder;
  private final Optional<ClipSigner> signer;

  /**
   * Marks with a key, and signs what is marked. The caller closes the watermark.
   *
   * @param signer signs the facts of each clip; empty if clips are not signed
   */
  public ClipMarking(
      AudioWatermark watermark,
      WatermarkKey key,
      AudioEncoder encoder,
      AudioDecoder decoder,
      Optional<ClipSigner> signer) {
    this.signer = requireNonNull(signer, "signer is null");
    this.watermark = requireNonNull(watermark, "watermark is null");
    this.key = requireNonNull(key, "key is null");
    this.encoder = new MarkedEncoder(watermark, encoder, decoder);
  }

  /**
   * A file of this speech.
   *
   * @param priority of the passes through the watermark's networks
   * @throws RequestFailedException if the mark is not found in the file
   */
  public MarkedClip mark(Plan plan, Speech speech, ModelDescription model, PassPriority priority) {
    MarkedFile file = encoder.encode(speech.audio(), key, plan.format(), priority);
    Detection detection = file.detection();
    if (!detection.matches()) {
      throw notDetected(speech);
    }
    ClipFacts facts =
        new ClipFacts(
            plan.requestId(),
            plan.fingerprint(),
            Sha256.hex(file.bytes()),
            file.sampleRate(),
            speech.audio().duration().toMillis(),
            speech.codes().frames(),
            FinishReason.valueOf(speech.finishReason().name()),
            plan.options().seed(),
            model.name(),
            model.revision(),
            key.id(),
            PublishedConfidence.of(detection.confidence()),
            Optional.empty());
    return new MarkedClip(file.bytes(), signer.map(facts::signed).orElse(facts));
  }

  private RequestFailedException notDetected(Speech speech) {
    String tooShort =
        speech.audio().duration().compareTo(watermark.minimumDuration()) < 0
            ? "; the clip lasts %d ms and a mark needs %d ms, ask for a longer one"
                .formatted(
                    speech.audio().duration().toMillis(), watermark.minimumDuration().toMillis())
            : "";
    return new RequestFailedException(
        FailureCode.WATERMARK_NOT_DETECTED,
        null,
        "no watermark could be detected in the encoded clip, so it was not stored" + tooShort);
  }
}
