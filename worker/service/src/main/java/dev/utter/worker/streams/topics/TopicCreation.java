package dev.utter.worker.streams.topics;

import dev.utter.events.TopicSpec;
import dev.utter.worker.threads.Pause;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Function;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Creates topics. */
final class TopicCreation {
  private static final Logger LOGGER = LoggerFactory.getLogger(TopicCreation.class);
  private static final Duration PAUSE = Duration.ofMillis(200);
  private static final int PAUSES = 50;

  private final Admin admin;
  private final TopicFacts facts;
  private final Pause pause;

  TopicCreation(Admin admin, TopicFacts facts, Pause pause) {
    this.admin = admin;
    this.facts = facts;
    this.pause = pause;
  }

  /**
   * Creates what is missing, with its configuration.
   *
   * @param replication replicas; empty for the broker's default
   * @param idsRemembered how long request ids are remembered
   */
  void create(
      Collection<TopicSpec> specs,
      int partitions,
      OptionalInt replication,
      Duration idsRemembered) {
    List<String> topics = specs.stream().map(TopicSpec::name).toList();
    Set<String> missing = facts.missing(topics);
    List<TopicSpec> wanted = specs.stream().filter(spec -> missing.contains(spec.name())).toList();
    try {
      create(wanted, partitions, replication, spec -> spec.limitedProperties(idsRemembered));
    } catch (InvalidConfigurationException e) {
      LOGGER.atInfo().addKeyValue("answer", e.getMessage()).log("Creating topics without a limit");
      create(wanted, partitions, replication, spec -> spec.properties(idsRemembered));
    }
    for (int i = 0; i < PAUSES && !facts.missing(topics).isEmpty(); i++) {
      pause.await(PAUSE);
    }
  }

  private void create(
      List<TopicSpec> wanted,
      int partitions,
      OptionalInt replication,
      Function<TopicSpec, Map<String, String>> properties) {
    List<NewTopic> topics =
        wanted.stream()
            .map(
                spec ->
                    new NewTopic(
                            spec.name(),
                            Optional.of(partitions),
                            replication.isPresent()
                                ? Optional.of((short) replication.getAsInt())
                                : Optional.empty())
                        .configs(properties.apply(spec)))
            .toList();
    admin
        .createTopics(topics)
        .values()
        .forEach(
            (topic, future) -> {
              try {
                facts.get(future);
              } catch (TopicExistsException e) {
                // Another worker created it first.
              }
            });
  }
}
