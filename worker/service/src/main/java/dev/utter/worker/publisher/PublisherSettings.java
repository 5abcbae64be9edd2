package dev.utter.worker.publisher;

import static java.util.Objects.requireNonNull;

import dev.utter.worker.rules.Excerpt;
import java.util.Map;

/**
 * How publishers are identified, and what each may publish; section {@code publishers}.
 *
 * @param header name of the record header that has the publisher's key
 * @param limits of each publisher that has none of its own
 * @param overrides limits of single publishers, by key; that of records without header is {@link
 *     PublisherKey#NONE}
 */
public record PublisherSettings(
    String header, PublisherLimits limits, Map<String, PublisherLimits> overrides) {
  /** The header that lanes use, no limits. */
  public static final PublisherSettings DEFAULT =
      new PublisherSettings(PublisherKey.HEADER, PublisherLimits.NONE, Map.of());

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
    requireNonNull(limits, "limits is null");
    overrides = Map.copyOf(overrides);
    for (String publisher : overrides.keySet()) {
      if (!PublisherKey.isValid(publisher)) {
        throw new IllegalArgumentException(
            "publishers.overrides has the publisher "
                + Excerpt.of(publisher)
                + ", must have "
                + PublisherKey.CHARACTERS);
      }
    }
  }

  /** What one publisher may publish. */
  public PublisherLimits limitsOf(String publisher) {
    return overrides.getOrDefault(publisher, limits);
  }
}
