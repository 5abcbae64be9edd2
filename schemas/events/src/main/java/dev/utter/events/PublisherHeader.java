package dev.utter.events;

/**
 * The header of requests and cancellations that says who published them. A request belongs to its
 * publisher: only the same one can cancel it or publish it again. Its value is ASCII, 1 to 64 of
 * {@code A-Z a-z 0-9 . _ : @ / -}. Who may write the topic can write any; so it is worth something
 * only where a gateway that knows its callers is the only writer.
 */
public final class PublisherHeader {
  /** Its name, unless workers are configured to look for another. */
  public static final String NAME = "utter.publisher";

  private PublisherHeader() {}
}
