package dev.utter.worker.signing;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.regex.Pattern;

/**
 * What a signature of a clip states: that the deployment made these bytes for this request.
 *
 * @param requestId id of the request
 * @param sha256 of the clip's bytes, lower-case hexadecimal
 * @param modelName model that spoke
 * @param modelRevision its revision
 * @param watermarkKeyId id of the key that the clip is marked with
 * @param createdAt when the clip was made, in whole milliseconds
 */
public record ClipStatement(
    String requestId,
    String sha256,
    String modelName,
    String modelRevision,
    String watermarkKeyId,
    Instant createdAt) {
  private static final String LAYOUT = "utter-clip-1";
  private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");

  private static final Instant FIRST = Instant.ofEpochMilli(Long.MIN_VALUE);
  private static final Instant LAST = Instant.ofEpochMilli(Long.MAX_VALUE);

  /** No line end in a value, so that a text has one meaning. */
  private static final Pattern VALUE = Pattern.compile("[\\x21-\\x7e]{1,1024}");

  /**
   * Checks all values.
   *
   * @throws IllegalArgumentException naming the value that cannot be signed
   */
  public ClipStatement {
    requireValue("requestId", requestId);
    requireValue("modelName", modelName);
    requireValue("modelRevision", modelRevision);
    requireValue("watermarkKeyId", watermarkKeyId);
    if (!DIGEST.matcher(requireNonNull(sha256, "sha256 is null")).matches()) {
      throw new IllegalArgumentException("sha256 is not 64 lower-case hexadecimal digits");
    }
    if (createdAt.isBefore(FIRST) || createdAt.isAfter(LAST)) {
      throw new IllegalArgumentException("createdAt cannot be counted in milliseconds");
    }
    if (!createdAt.equals(createdAt.truncatedTo(ChronoUnit.MILLIS))) {
      throw new IllegalArgumentException("createdAt is not in whole milliseconds");
    }
  }

  /**
   * The bytes that are signed: ASCII, a line for the version of this layout and one for each value,
   * each ended by a line feed. docs/events.md has an example. Another layout gets another version.
   */
  public byte[] bytes() {
    return (LAYOUT
            + "\nrequest-id: "
            + requestId
            + "\nsha256: "
            + sha256
            + "\nmodel-name: "
            + modelName
            + "\nmodel-revision: "
            + modelRevision
            + "\nwatermark-key-id: "
            + watermarkKeyId
            + "\ncreated-at-millis: "
            + createdAt.toEpochMilli()
            + "\n")
        .getBytes(US_ASCII);
  }

  private static void requireValue(String name, String value) {
    if (!VALUE.matcher(requireNonNull(value, () -> name + " is null")).matches()) {
      throw new IllegalArgumentException(
          name + " is not 1 to 1024 printable ASCII characters without spaces");
    }
  }
}
