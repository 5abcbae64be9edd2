package dev.utter.worker.synthesis.request;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.utter.events.ContextUtterance;
import dev.utter.events.GenerationOptions;
import dev.utter.events.SynthesisRequested;
import dev.utter.speech.digest.Sha256;
import dev.utter.worker.digest.FieldDigest;
import java.nio.ByteBuffer;
import java.util.HexFormat;

/** The content of a request that determines its clip: its fingerprint and its seed. */
public final class RequestContent {
  private RequestContent() {}

  /**
   * SHA-256, lower-case hexadecimal, over id, text, speaker, context and options. Two requests with
   * one fingerprint ask for the same clip. Every value is preceded by its length, so that no two
   * contents give the same bytes; fields are written one by one and not as Avro writes them, so
   * that a later schema does not change the fingerprints of what is stored.
   */
  public static String fingerprint(SynthesisRequested request) {
    FieldDigest digest = new FieldDigest();
    digest.add(request.getRequestId());
    digest.add(request.getText());
    digest.add(request.getSpeaker());
    digest.add(request.getContext().size());
    for (ContextUtterance utterance : request.getContext()) {
      digest.add(utterance.getSpeaker());
      digest.add(utterance.getText());
      digest.add(utterance.getAudio().getBucket());
      digest.add(utterance.getAudio().getKey());
      digest.add(String.valueOf(utterance.getAudio().getVersionId()));
    }
    GenerationOptions options = request.getOptions();
    digest.add(options.getMaxDurationMillis());
    digest.add(Float.floatToIntBits(options.getTemperature()));
    digest.add(options.getTopK());
    digest.add(seed(request));
    digest.add(options.getFormat().name());
    if (request.getTolerateDamagedContext()) {
      digest.add(1);
    }
    return HexFormat.of().formatHex(digest.finish());
  }

  /**
   * The request's own seed, or else the first eight bytes, big-endian, of the SHA-256 of its id in
   * UTF-8: a repeated attempt makes the same clip.
   */
  public static long seed(SynthesisRequested request) {
    Long seed = request.getOptions().getSeed();
    return seed != null
        ? seed
        : ByteBuffer.wrap(Sha256.of(request.getRequestId().getBytes(UTF_8))).getLong();
  }
}
