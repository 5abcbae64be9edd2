package dev.utter.worker.publisher;

/**
 * How publishers are identified, and what each may publish.
 *
 * @param header name of the record header that has the publisher's key
 * @param requestsPerMinute requests of one publisher; 0 for any number
 * @param audioSecondsPerMinute audio that the texts of one publisher come to; 0 for any
 */
public record PublisherSettings(String header, int requestsPerMinute, int audioSecondsPerMinute) {
  /** The header that lanes use, no limits. */
  public static final PublisherSettings DEFAULT = new PublisherSettings(PublisherKey.HEADER, 0, 0);

  private static final int MAX_HEADER_CHARS = 100;

  /** Checks. */
  public PublisherSettings {
    if (header == null || header.isBlank() || header.length() > MAX_HEADER_CHARS) {
      throw new IllegalArgumentException(
          "publishers.header is "
              + (header == null ? null : "\"" + header + "\"")
              + ", must have 1 to "
              + MAX_HEADER_CHARS
              + " characters");
    }
    requireNotNegative("publishers.requestsPerMinute", requestsPerMinute);
    requireNotNegative("publishers.audioSecondsPerMinute", audioSecondsPerMinute);
  }

  /** Whether there is a limit. */
  public boolean limited() {
    return requestsPerMinute > 0 || audioSecondsPerMinute > 0;
  }

  private static void requireNotNegative(String name, int value) {
    if (value < 0) {
      throw new IllegalArgumentException(name + " is " + value + ", must not be negative");
    }
  }
}
