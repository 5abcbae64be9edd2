package dev.utter.worker.skip;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.utter.speech.digest.Sha256;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The order of an operator that one stage skips one record. It names the record's bytes beside its
 * position: in a topic that was created anew another record is at that position.
 *
 * @param stage stage that skips it
 * @param position position of the record
 * @param digest of the record, see {@link #digest(byte[], byte[])}
 * @param note of the operator, for the dead letter; may be empty
 */
public record SkipOrder(SkippingStage stage, RecordPosition position, String digest, String note) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int ABSENT = -1;

  /** Checks that nothing is missing. */
  public SkipOrder {
    requireNonNull(stage, "stage is null");
    requireNonNull(position, "position is null");
    requireNonNull(digest, "digest is null");
    requireNonNull(note, "note is null");
  }

  /** SHA-256 of key and value as hexadecimal digits; a missing one differs from an empty one. */
  public static String digest(byte @Nullable [] key, byte @Nullable [] value) {
    MessageDigest digest = Sha256.start();
    digest.update(length(key));
    if (key != null) {
      digest.update(key);
    }
    digest.update(length(value));
    if (value != null) {
      digest.update(value);
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static ByteBuffer length(byte @Nullable [] bytes) {
    return ByteBuffer.allocate(Integer.BYTES).putInt(bytes == null ? ABSENT : bytes.length).flip();
  }

  /** Key of the order's record. */
  public byte[] key() {
    return (stage.label() + " " + position).getBytes(UTF_8);
  }

  /** Value of the order's record. */
  public byte[] encode() {
    return JsonNodeFactory.instance
        .objectNode()
        .put("stage", stage.label())
        .put("position", position.toString())
        .put("digest", digest)
        .put("note", note)
        .toString()
        .getBytes(UTF_8);
  }

  /** Reads the value of an order's record; empty if it is none. */
  public static Optional<SkipOrder> decode(byte @Nullable [] value) {
    if (value == null) {
      return Optional.empty();
    }
    JsonNode json;
    try {
      json = JSON.readTree(new String(value, UTF_8));
    } catch (JsonProcessingException e) {
      return Optional.empty();
    }
    Optional<SkippingStage> stage = SkippingStage.of(json.path("stage").asText());
    Optional<RecordPosition> position = RecordPosition.parse(json.path("position").asText());
    return stage.isEmpty() || position.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new SkipOrder(
                stage.get(),
                position.get(),
                json.path("digest").asText(),
                json.path("note").asText()));
  }
}
