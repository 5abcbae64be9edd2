package dev.utter.cli.verify;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.utter.worker.signing.ClipSignature;
import dev.utter.worker.signing.ClipStatement;
import java.io.IOException;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * A signature and the statement that it claims to sign. Neither may be trusted before it is
 * verified.
 *
 * @param statement what is signed
 * @param signature the signature
 */
record SignedFacts(ClipStatement statement, ClipSignature signature) {
  private static final String METADATA_PREFIX = "x-amz-meta-";

  /**
   * Reads JSON.
   *
   * @throws IllegalArgumentException if the bytes are not JSON
   */
  static JsonNode json(byte[] bytes) {
    try {
      return new ObjectMapper().readTree(bytes);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("it is no JSON: " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      // Bytes that are not valid in the encoding that the first bytes announce.
      throw new IllegalArgumentException("it is no JSON: " + e.getMessage(), e);
    }
  }

  /**
   * From a completed event: Avro's JSON encoding, the plain JSON that many tools print, or a line
   * of {@code utter produce --json}.
   *
   * @return empty if the event has no signature
   * @throws IllegalArgumentException naming what is missing or wrong
   */
  static Optional<SignedFacts> ofEvent(JsonNode event) {
    JsonNode signature = withoutUnion(event.path("signature"));
    if (signature.isMissingNode() || signature.isNull()) {
      text(event, "requestId");
      return Optional.empty();
    }
    boolean line = event.path("sha256").isTextual();
    Instant createdAt = time(signature.path("createdAt"));
    return Optional.of(
        new SignedFacts(
            new ClipStatement(
                text(event, "requestId"),
                line ? text(event, "sha256") : text(event, "audio", "sha256"),
                line ? text(event, "model") : text(event, "model", "name"),
                line ? text(event, "modelRevision") : text(event, "model", "revision"),
                line ? text(event, "watermarkKeyId") : text(event, "watermark", "keyId"),
                createdAt),
            new ClipSignature(text(signature, "keyId"), createdAt, text(signature, "value"))));
  }

  /**
   * From an object's metadata: a map at the top level or inside {@code Metadata}, as {@code aws
   * s3api head-object} and {@code mc stat --json} print it.
   *
   * @return empty if the object has no signature
   * @throws IllegalArgumentException naming what is missing or wrong
   */
  static Optional<SignedFacts> ofMetadata(JsonNode json) {
    Map<String, String> metadata = new HashMap<>();
    JsonNode map =
        json.path("Metadata").isObject()
            ? json.path("Metadata")
            : json.path("metadata").isObject() ? json.path("metadata") : json;
    map.properties()
        .forEach(
            entry -> {
              String name = entry.getKey().toLowerCase(Locale.ROOT);
              metadata.put(
                  name.startsWith(METADATA_PREFIX)
                      ? name.substring(METADATA_PREFIX.length())
                      : name,
                  entry.getValue().asText());
            });
    String requestId = text(metadata, "utter-request-id");
    if (!metadata.containsKey("utter-signature")) {
      return Optional.empty();
    }
    Instant createdAt = millis(text(metadata, "utter-created-at-millis"));
    return Optional.of(
        new SignedFacts(
            new ClipStatement(
                requestId,
                text(metadata, "utter-sha256"),
                text(metadata, "utter-model-name"),
                text(metadata, "utter-model-revision"),
                text(metadata, "utter-watermark-key-id"),
                createdAt),
            new ClipSignature(
                text(metadata, "utter-signing-key-id"),
                createdAt,
                text(metadata, "utter-signature"))));
  }

  /** Avro's JSON names the branch of a union: {@code {"dev.utter.events.Signature": {...}}}. */
  private static JsonNode withoutUnion(JsonNode node) {
    return node.path("dev.utter.events.Signature").isObject()
        ? node.path("dev.utter.events.Signature")
        : node;
  }

  private static Instant time(JsonNode node) {
    if (node.isIntegralNumber()) {
      return Instant.ofEpochMilli(node.longValue());
    }
    try {
      return Instant.parse(node.asText());
    } catch (DateTimeParseException e) {
      throw new IllegalArgumentException(
          "signature.createdAt is neither milliseconds nor a time such as 2026-11-23T00:00:00Z", e);
    }
  }

  private static Instant millis(String text) {
    try {
      return Instant.ofEpochMilli(Long.parseLong(text));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("utter-created-at-millis is no number", e);
    }
  }

  private static String text(JsonNode node, String... path) {
    JsonNode value = node;
    for (String name : path) {
      value = value.path(name);
    }
    if (!value.isTextual()) {
      throw new IllegalArgumentException(String.join(".", path) + " is missing");
    }
    return value.textValue();
  }

  private static String text(Map<String, String> metadata, String name) {
    return Optional.ofNullable(metadata.get(name))
        .orElseThrow(() -> new IllegalArgumentException(name + " is missing"));
  }
}
