package dev.utter.worker.streams.topics;

import static java.util.Objects.requireNonNull;

import dev.utter.worker.failure.RetryLaterException;
import dev.utter.worker.failure.WorkerBrokenException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.DisconnectException;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The topics as the cluster has them.
 *
 * <p>Every method throws {@link RetryLaterException} if the brokers do not answer.
 */
final class TopicFacts {
  private static final Logger LOGGER = LoggerFactory.getLogger(TopicFacts.class);

  private final Admin admin;
  private final String servers;

  /**
   * The topics of a cluster.
   *
   * @param servers its address, for messages
   */
  TopicFacts(Admin admin, String servers) {
    this.admin = admin;
    this.servers = servers;
  }

  /** Those of the topics that do not exist, in alphabetical order. */
  Set<String> missing(Collection<String> topics) {
    Set<String> missing = new TreeSet<>(topics);
    missing.removeAll(partitions(topics).keySet());
    return missing;
  }

  /** Partitions of the topics that exist. */
  Map<String, Integer> partitions(Collection<String> topics) {
    Map<String, Integer> partitions = new TreeMap<>();
    Map<String, KafkaFuture<TopicDescription>> answers =
        admin.describeTopics(Set.copyOf(topics)).topicNameValues();
    answers.forEach(
        (topic, future) -> {
          try {
            partitions.put(topic, get(future).partitions().size());
          } catch (UnknownTopicOrPartitionException e) {
            // A missing topic has no entry.
          }
        });
    return partitions;
  }

  /** A topic's properties; empty if the worker may not read them. */
  Optional<Map<String, String>> configuration(String topic) {
    ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
    try {
      Config config =
          get(requireNonNull(admin.describeConfigs(List.of(resource)).values().get(resource)));
      return Optional.of(
          config.entries().stream()
              .filter(entry -> entry.value() != null)
              .collect(Collectors.toMap(ConfigEntry::name, ConfigEntry::value)));
    } catch (UnknownTopicOrPartitionException e) {
      return Optional.empty();
    } catch (WorkerBrokenException e) {
      LOGGER
          .atWarn()
          .addKeyValue("topic", topic)
          .addKeyValue("error", e.getMessage())
          .log("The configuration of a topic cannot be read and is not checked");
      return Optional.empty();
    }
  }

  /**
   * The answer of an admin request. Errors that the callers of the client handle are thrown as they
   * are: a topic that is missing or exists, and a configuration that is refused.
   */
  <T> T get(KafkaFuture<T> future) {
    try {
      return future.get();
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      if (cause instanceof UnknownTopicOrPartitionException
          || cause instanceof TopicExistsException
          || cause instanceof InvalidConfigurationException) {
        throw (RuntimeException) cause;
      }
      if (cause instanceof RetriableException || cause instanceof DisconnectException) {
        throw new RetryLaterException(
            "Kafka at " + servers + " does not answer: " + cause.getMessage(), e);
      }
      throw new WorkerBrokenException("cannot look at the topics: " + cause, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new WorkerBrokenException("interrupted while looking at the topics", e);
    }
  }
}
