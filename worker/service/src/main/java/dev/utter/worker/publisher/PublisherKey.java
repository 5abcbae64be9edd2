package dev.utter.worker.publisher;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import dev.utter.events.PublisherHeader;
import dev.utter.events.Topics;
import dev.utter.worker.avro.UndecodableRecordException;
import dev.utter.worker.rules.Excerpt;
import java.util.Iterator;
import java.util.regex.Pattern;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;

/**
 * Reads the key of a record's publisher from its header. All records without that header have the
 * same key, {@link #NONE}. Thread-safe.
 */
public final class PublisherKey {
  /** Name of the header in the lanes, and the default of the settings. */
  public static final String HEADER = PublisherHeader.NAME;

  /** Key of records whose header names no publisher: the name of their topic. */
  public static final String NONE = Topics.REQUESTS;

  /** Longest key; it is ASCII. */
  public static final int MAX_BYTES = 64;

  static final String CHARACTERS = "1 to " + MAX_BYTES + " of A-Z a-z 0-9 . _ : @ / -";

  private static final String RULE = "must be there once, with " + CHARACTERS;
  private static final Pattern VALID = Pattern.compile("[A-Za-z0-9._:@/-]{1," + MAX_BYTES + "}");

  private final String header;

  /** Reads the header of this name. */
  public PublisherKey(String header) {
    this.header = requireNonNull(header, "header is null");
  }

  /**
   * The key of a record's publisher.
   *
   * @throws UndecodableRecordException if the header has none that is valid, or is there twice: the
   *     publisher is unknown then
   */
  public String of(Headers headers) {
    Iterator<Header> found = headers.headers(header).iterator();
    if (!found.hasNext()) {
      return NONE;
    }
    byte[] value = found.next().value();
    if (found.hasNext()) {
      throw new UndecodableRecordException("header " + header + " is there twice: it " + RULE);
    }
    // The length in bytes is checked first, so that a large value is not decoded.
    boolean fits = value != null && value.length <= MAX_BYTES;
    String key = fits ? new String(value, UTF_8) : "";
    if (!isValid(key)) {
      throw new UndecodableRecordException(
          "header "
              + header
              + " is "
              + (fits || value == null ? Excerpt.of(key) : value.length + " bytes long")
              + ": it "
              + RULE);
    }
    return key;
  }

  static boolean isValid(String key) {
    return VALID.matcher(key).matches();
  }

  /** The key that admission wrote to a record of a lane; {@link #NONE} if none. */
  public static String inLane(Headers headers) {
    try {
      return new PublisherKey(HEADER).of(headers);
    } catch (UndecodableRecordException e) {
      return NONE;
    }
  }

  /** The headers of a record for a lane: those it had, and the key of its publisher. */
  public static Headers forLane(Headers headers, String publisher) {
    RecordHeaders stamped = new RecordHeaders(headers.toArray());
    stamped.remove(HEADER);
    if (!publisher.equals(NONE)) {
      stamped.add(HEADER, publisher.getBytes(UTF_8));
    }
    return stamped;
  }
}
