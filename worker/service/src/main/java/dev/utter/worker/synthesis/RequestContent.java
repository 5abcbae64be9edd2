package dev.utter.worker.synthesis;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.utter.events.ContextUtterance;
import dev.utter.events.GenerationOptions;
import dev.utter.events.SynthesisRequested;
import dev.utter.worker.digest.Sha256;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.HexFormat;

/** What of a request decides how its clip sounds: its fingerprint and its seed. */
final class RequestContent {
  private RequestContent() {}

  /**
   * SHA-256, lower-case hexadecimal, over id, text, speaker, context and options. Two requests with
   * one fingerprint ask for the same clip. Every value is preceded by its length, so that no two
   * contents give the same bytes; fields are written one by one and not as Avro writes them, so
   * that a later schema does not change the fingerprints of what is stored.
   */
  static String fingerprint(SynthesisRequested request) {
    MessageDigest digest = Sha256.start();
    add(digest, request.getRequestId());
    add(digest, request.getText());
    add(digest, request.getSpeaker());
    add(digest, request.getContext().size());
    for (ContextUtterance utterance : request.getContext()) {
      add(digest, utterance.getSpeaker());
      add(digest, utterance.getText());
      add(digest, utterance.getAudio().getBucket());
      add(digest, utterance.getAudio().getKey());
      add(digest, String.valueOf(utterance.getAudio().getVersionId()));
    }
    GenerationOptions options = request.getOptions();
    add(digest, options.getMaxDurationMillis());
    add(digest, Float.floatToIntBits(options.getTemperature()));
    add(digest, options.getTopK());
    add(digest, seed(request));
    add(digest, options.getFormat().name());
    return HexFormat.of().formatHex(digest.digest());
  }

  /**
   * The request's own seed, or else the first eight bytes, big-endian, of the SHA-256 of its id in
   * UTF-8: a repeated attempt makes the same clip.
   */
  static long seed(SynthesisRequested request) {
    Long seed = request.getOptions().getSeed();
    return seed != null
        ? seed
        : ByteBuffer.wrap(Sha256.of(request.getRequestId().getBytes(UTF_8))).getLong();
  }

  private static void add(MessageDigest digest, String text) {
    byte[] bytes = text.getBytes(UTF_8);
    digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).array());
    digest.update(bytes);
  }

  private static void add(MessageDigest digest, long number) {
    digest.update(ByteBuffer.allocate(Long.BYTES).putLong(number).array());
  }
}
