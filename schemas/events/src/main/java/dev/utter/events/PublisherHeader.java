package dev.utter.events;

/**
 * The header of requests and cancellations that names their publisher. A request belongs to its
 * publisher: only the same publisher can cancel it or publish it again. Its value is ASCII, 1 to 64
 * of {@code A-Z a-z 0-9 . _ : @ / -}. Every client with write access to the topic can write any
 * name. So the header can be trusted only where a gateway that authenticates its callers is the
 * only writer.
 */
public final class PublisherHeader {
  /**
   * Default name of the header; the workers' setting {@code publishers.header} can name another.
   */
  public static final String NAME = "utter.publisher";

  private PublisherHeader() {}
}
