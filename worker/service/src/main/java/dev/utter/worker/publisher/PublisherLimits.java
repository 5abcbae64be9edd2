package dev.utter.worker.publisher;

/**
 * What one publisher may publish.
 *
 * @param requestsPerMinute requests; 0 for any number
 * @param audioSecondsPerMinute audio that the texts come to; 0 for any
 */
public record PublisherLimits(int requestsPerMinute, int audioSecondsPerMinute) {
  /** No limits. */
  public static final PublisherLimits NONE = new PublisherLimits(0, 0);

  /** Checks that neither is negative. */
  public PublisherLimits {
    requireNotNegative("requestsPerMinute", requestsPerMinute);
    requireNotNegative("audioSecondsPerMinute", audioSecondsPerMinute);
  }

  /** Whether there is a limit. */
  public boolean limited() {
    return requestsPerMinute > 0 || audioSecondsPerMinute > 0;
  }

  /** For people to read. */
  @Override
  public String toString() {
    String requests = requestsPerMinute + " requests a minute";
    String audio = audioSecondsPerMinute + " s of audio a minute";
    if (requestsPerMinute == 0) {
      return audioSecondsPerMinute == 0 ? "no limit" : audio;
    }
    return audioSecondsPerMinute == 0 ? requests : requests + " and " + audio;
  }

  private static void requireNotNegative(String name, int value) {
    if (value < 0) {
      throw new IllegalArgumentException(name + " is " + value + ", must not be negative");
    }
  }
}
