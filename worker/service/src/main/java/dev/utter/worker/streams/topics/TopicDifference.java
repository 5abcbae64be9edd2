package dev.utter.worker.streams.topics;

import static java.util.Objects.requireNonNull;

/**
 * What is wrong with a topic.
 *
 * @param topic its name
 * @param what the difference, and what comes of it
 * @param remedy the command that corrects it
 */
public record TopicDifference(String topic, String what, String remedy) {

  /** Checks that nothing is missing. */
  public TopicDifference {
    requireNonNull(topic, "topic is null");
    requireNonNull(what, "what is null");
    requireNonNull(remedy, "remedy is null");
  }

  /** Difference and remedy in one sentence. */
  @Override
  public String toString() {
    return what + "; run: " + remedy;
  }
}
