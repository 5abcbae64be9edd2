package dev.utter.worker.streams;

import static java.util.Objects.requireNonNull;

import dev.utter.events.Topics;
import dev.utter.worker.failure.RetryLaterException;
import dev.utter.worker.failure.WorkerBrokenException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** Sees at start that the topics are there and fit each other, so that nothing fails later. */
public final class TopicCheck {
  private static final Duration PAUSE = Duration.ofMillis(200);
  private static final int PAUSES = 50;

  /** Room for the headers that say why a record is here. */
  private static final String DEAD_LETTER_BYTES = Integer.toString(2 << 20);

  private final Admin admin;
  private final Pause pause;

  /** A check through an admin client, which stays the caller's. */
  public TopicCheck(Admin admin, Pause pause) {
    this.admin = requireNonNull(admin, "admin is null");
    this.pause = requireNonNull(pause, "pause is null");
  }

  /**
   * Checks that the topics exist.
   *
   * @throws RetryLaterException naming those that do not; they can be created meanwhile
   */
  public void requireTopics(Collection<String> topics) {
    Set<String> missing = missing(topics);
    if (!missing.isEmpty()) {
      throw new RetryLaterException(
          "missing topics: "
              + String.join(", ", missing)
              + "; create them, or set kafka.createTopics and the worker does",
          null);
    }
  }

  /**
   * Checks that the topics have the same number of partitions.
   *
   * @throws WorkerBrokenException telling each one's number if they differ
   */
  public void requireEqualPartitions(List<String> topics) {
    Map<String, Integer> partitions = partitions(topics);
    if (Set.copyOf(partitions.values()).size() > 1) {
      throw new WorkerBrokenException(
          "topics that are joined by key must have the same number of partitions, but have: "
              + partitions.entrySet().stream()
                  .map(entry -> entry.getKey() + " " + entry.getValue())
                  .collect(Collectors.joining(", ")));
    }
  }

  /** Largest record a topic takes; empty if the worker may not know. */
  public OptionalInt maxMessageBytes(String topic) {
    ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
    try {
      Config config = admin.describeConfigs(List.of(resource)).all().get().get(resource);
      return OptionalInt.of(
          Integer.parseInt(config.get(TopicConfig.MAX_MESSAGE_BYTES_CONFIG).value()));
    } catch (ExecutionException e) {
      return OptionalInt.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new WorkerBrokenException("interrupted while looking at the topics", e);
    }
  }

  /**
   * Creates what is missing.
   *
   * @param replication replicas; -1 for the broker's default
   */
  public void create(Collection<String> topics, int partitions, short replication) {
    List<NewTopic> wanted =
        missing(topics).stream().map(topic -> topic(topic, partitions, replication)).toList();
    admin
        .createTopics(wanted)
        .values()
        .forEach(
            (topic, future) -> {
              try {
                get(future);
              } catch (TopicExistsException e) {
                // Another worker was quicker.
              }
            });
    for (int i = 0; i < PAUSES && !missing(topics).isEmpty(); i++) {
      pause.await(PAUSE);
    }
  }

  private static NewTopic topic(String name, int partitions, short replication) {
    NewTopic topic =
        new NewTopic(
            name,
            Optional.of(partitions),
            replication < 0 ? Optional.empty() : Optional.of(replication));
    return switch (name) {
      case Topics.STATUS ->
          topic.configs(
              Map.of(TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_COMPACT));
      case Topics.DEAD_LETTERS ->
          topic.configs(Map.of(TopicConfig.MAX_MESSAGE_BYTES_CONFIG, DEAD_LETTER_BYTES));
      default -> topic;
    };
  }

  private Set<String> missing(Collection<String> topics) {
    Set<String> missing = new TreeSet<>(topics);
    missing.removeAll(partitions(topics).keySet());
    return missing;
  }

  /** Partitions of those that exist. */
  private Map<String, Integer> partitions(Collection<String> topics) {
    Map<String, Integer> partitions = new TreeMap<>();
    Map<String, KafkaFuture<TopicDescription>> answers =
        admin.describeTopics(Set.copyOf(topics)).topicNameValues();
    answers.forEach(
        (topic, future) -> {
          try {
            partitions.put(topic, get(future).partitions().size());
          } catch (UnknownTopicOrPartitionException e) {
            // That is what missing means.
          }
        });
    return partitions;
  }

  private static <T> T get(KafkaFuture<T> future) {
    try {
      return future.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof UnknownTopicOrPartitionException
          || e.getCause() instanceof TopicExistsException) {
        throw (RuntimeException) e.getCause();
      }
      throw new WorkerBrokenException("cannot look at the topics: " + e.getCause(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new WorkerBrokenException("interrupted while looking at the topics", e);
    }
  }
}
