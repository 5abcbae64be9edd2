package dev.utter.worker.streams.topics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.utter.embedded.SharedStack;
import dev.utter.embedded.kafka.EmbeddedKafka;
import dev.utter.embedded.kafka.EmbeddedKafkaSettings;
import dev.utter.events.TopicSpec;
import dev.utter.events.TopicSpec.Cleanup;
import dev.utter.events.TopicSpec.Retention;
import dev.utter.events.Topics;
import dev.utter.worker.failure.RetryLaterException;
import dev.utter.worker.failure.WorkerBrokenException;
import dev.utter.worker.threads.Pause;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The check of topics against a real broker. */
@Tag("integration")
class TopicCheckTest {
  private static final Duration WEEK = Duration.ofDays(7);

  private final String topic = "check-" + UUID.randomUUID();
  private final String servers = SharedStack.get().bootstrapServers();
  private final TopicCheck check =
      TopicCheck.open(Map.of("bootstrap.servers", servers), new Pause());

  @AfterEach
  void close() {
    check.close();
  }

  static List<Arguments> defects() {
    return List.of(
        Arguments.of(lane(), Map.of("retention.ms", "604800000"), "retention.ms=-1"),
        Arguments.of(lane(), Map.of("retention.bytes", "1000000"), "retention.bytes=-1"),
        Arguments.of(lane(), Map.of("cleanup.policy", "compact"), "cleanup.policy=delete"),
        Arguments.of(lane(), Map.of("max.message.bytes", "20000"), "max.message.bytes=1048588"),
        Arguments.of(input(), Map.of("retention.ms", "86400000"), "retention.ms=604800000"),
        Arguments.of(rows(), Map.of("cleanup.policy", "delete"), "cleanup.policy=compact"));
  }

  @ParameterizedTest
  @MethodSource("defects")
  void whatWouldLoseOrRefuseRecordsIsNamedWithTheCommandThatCuresIt(
      TopicSpec kind, Map<String, String> settings, String cure) throws Exception {
    // Given: a valid topic except for one setting
    Map<String, String> properties = new TreeMap<>(kind.properties(WEEK));
    properties.putAll(settings);
    create(topic, 1, properties);

    // Then
    String command =
        "run: kafka-configs --bootstrap-server %s --alter --entity-type topics --entity-name %s --add-config %s"
            .formatted(servers, topic, cure);
    assertThatThrownBy(() -> check.requireSettings(List.of(named(kind)), WEEK))
        .isInstanceOf(RetryLaterException.class)
        .hasMessageContaining(topic + " has " + settings.keySet().iterator().next())
        .hasMessageEndingWith(command);
  }

  @Test
  void topicsThatTheCheckCreatesPassIt() throws Exception {
    // Given
    for (TopicSpec kind : List.of(lane(), input(), rows())) {
      TopicSpec spec =
          new TopicSpec(
              topic + "-" + kind.retention() + kind.cleanup(),
              kind.cleanup(),
              kind.retention(),
              kind.minMessageBytes(),
              kind.createdMessageBytes());

      // When
      check.create(List.of(spec), 3, OptionalInt.empty(), WEEK);

      // Then
      assertThatCode(() -> check.requireSettings(List.of(spec), WEEK)).doesNotThrowAnyException();
      assertThat(check.requireEqualPartitions(List.of(spec.name()))).isEqualTo(3);
      assertThat(properties(spec.name())).containsAllEntriesOf(spec.properties(WEEK));
    }
  }

  @Test
  void topicsOfPublishersAreCreatedWithALimitForWhatARecordExpandsTo() throws Exception {
    // Given
    try (EmbeddedKafka kafka = EmbeddedKafka.start(EmbeddedKafkaSettings.temporary());
        TopicCheck fresh =
            TopicCheck.open(Map.of("bootstrap.servers", kafka.bootstrapServers()), new Pause())) {
      // When
      fresh.create(Topics.specs(), 1, OptionalInt.empty(), WEEK);

      // Then
      assertThat(fresh.withoutDecompressedLimit(Topics.all())).isEmpty();
      assertThatCode(() -> fresh.requireSettings(Topics.specs(), WEEK)).doesNotThrowAnyException();

      // When
      unlimit(fresh, Topics.CANCELLATIONS);

      // Then
      assertThat(fresh.withoutDecompressedLimit(Topics.all()))
          .containsExactly(Topics.CANCELLATIONS);
      assertThatCode(() -> fresh.requireSettings(Topics.specs(), WEEK)).doesNotThrowAnyException();
    }
  }

  /** This broker refuses topics that ask for the limit, as those before Kafka 4.4 do. */
  @Test
  void topicsOfPublishersAreCreatedAndNamedWhereTheBrokerCannotLimitThem() {
    // Given
    try (EmbeddedKafka kafka =
            EmbeddedKafka.start(
                EmbeddedKafkaSettings.temporary()
                    .with("create.topic.policy.class.name", NoDecompressedLimit.class.getName()));
        TopicCheck fresh =
            TopicCheck.open(Map.of("bootstrap.servers", kafka.bootstrapServers()), new Pause())) {
      // When
      fresh.create(Topics.specs(), 1, OptionalInt.empty(), WEEK);

      // Then
      assertThatCode(() -> fresh.requireTopics(Topics.all())).doesNotThrowAnyException();
      assertThatCode(() -> fresh.requireSettings(Topics.specs(), WEEK)).doesNotThrowAnyException();
      assertThat(fresh.withoutDecompressedLimit(Topics.all()))
          .containsExactly(Topics.REQUESTS, Topics.CANCELLATIONS, Topics.VERIFICATION_REQUESTS);
    }
  }

  @Test
  void whatIsMerelyUnusualPasses() throws Exception {
    // Given
    create(topic, 1, Map.of("cleanup.policy", "compact,delete"));

    // Then
    assertThatCode(() -> check.requireSettings(List.of(named(rows())), WEEK))
        .doesNotThrowAnyException();
  }

  @Test
  void unequalPartitionsAreNamedWithTheCommandThatCuresThem() throws Exception {
    // Given
    create(topic, 2, Map.of());
    create(topic + "-more", 5, Map.of());

    // Then
    assertThatThrownBy(() -> check.requireEqualPartitions(List.of(topic, topic + "-more")))
        .isInstanceOf(WorkerBrokenException.class)
        .hasMessageContaining(topic + " 2, " + topic + "-more 5")
        .hasMessageEndingWith(
            "run: kafka-topics --bootstrap-server %s --alter --topic %s --partitions 5"
                .formatted(servers, topic));
  }

  @Test
  void aStoreOfAnotherNumberOfPartitionsIsNamedWithTheCommands() throws Exception {
    // Given
    create(topic + "-ids-changelog", 2, Map.of());

    // Then
    assertThatCode(() -> check.requireStore(topic, "ids", 2, "")).doesNotThrowAnyException();
    assertThatCode(() -> check.requireStore(topic, "other", 4, "")).doesNotThrowAnyException();
    assertThatThrownBy(() -> check.requireStore(topic, "ids", 4, "Ids are forgotten."))
        .isInstanceOf(WorkerBrokenException.class)
        .hasMessageContaining("have 4 partitions, but " + topic + "-ids-changelog has 2")
        .hasMessageContaining(
            "kafka-topics --bootstrap-server %s --delete --topic %s-ids-changelog"
                .formatted(servers, topic))
        .hasMessageEndingWith("Ids are forgotten.");
  }

  @Test
  void missingTopicsAreNamed() {
    assertThatThrownBy(() -> check.requireTopics(List.of(topic)))
        .isInstanceOf(RetryLaterException.class)
        .hasMessageContaining(topic);
  }

  @Test
  void theLargestRecordOfATopicIsKnown() throws Exception {
    // Given
    create(topic, 1, Map.of("max.message.bytes", "20000"));

    // When
    TopicLimits limits = new TopicLimits(() -> check.maxMessageBytes(List.of(topic)));

    // Then
    assertThat(limits.recordBytes(topic)).isEqualTo(19_800);
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1:1", "nowhere.invalid:9092"})
  void brokersThatDoNotAnswerAreForLaterAndNamed(String away) {
    assertThatThrownBy(
            () -> {
              try (TopicCheck lost =
                  TopicCheck.open(
                      Map.of(
                          "bootstrap.servers",
                          away,
                          "default.api.timeout.ms",
                          "2000",
                          "request.timeout.ms",
                          "1000"),
                      new Pause())) {
                lost.requireTopics(List.of(topic));
              }
            })
        .isInstanceOf(RetryLaterException.class)
        .hasMessageContaining("Kafka at " + away);
  }

  private static TopicSpec lane() {
    return new TopicSpec("any", Cleanup.DELETE, Retention.UNLIMITED, 800_000, 1_048_588);
  }

  private static TopicSpec input() {
    return new TopicSpec("any", Cleanup.DELETE, Retention.AS_LONG_AS_IDS, 0, 0);
  }

  private static TopicSpec rows() {
    return new TopicSpec("any", Cleanup.COMPACT, Retention.ANY, 0, 0);
  }

  private TopicSpec named(TopicSpec kind) {
    return new TopicSpec(
        topic,
        kind.cleanup(),
        kind.retention(),
        kind.minMessageBytes(),
        kind.createdMessageBytes());
  }

  private void create(String name, int partitions, Map<String, String> properties)
      throws ExecutionException, InterruptedException {
    check
        .admin()
        .createTopics(
            List.of(
                new NewTopic(name, Optional.of(partitions), Optional.empty()).configs(properties)))
        .all()
        .get();
    // The broker answers before all of it knows the topic.
    await().untilAsserted(() -> check.requireTopics(List.of(name)));
    await().until(() -> !check.maxMessageBytes(List.of(name)).isEmpty());
  }

  private static void unlimit(TopicCheck check, String name) throws Exception {
    AlterConfigOp remove =
        new AlterConfigOp(
            new ConfigEntry(TopicSpec.MAX_DECOMPRESSED_MESSAGE_BYTES, ""),
            AlterConfigOp.OpType.DELETE);
    ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, name);
    check.admin().incrementalAlterConfigs(Map.of(resource, List.of(remove))).all().get();
    // The broker answers before all of it knows, and then shows its default, which limits nothing.
    await().until(() -> !check.withoutDecompressedLimit(List.of(name)).isEmpty());
  }

  private Map<String, String> properties(String name)
      throws ExecutionException, InterruptedException {
    ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, name);
    Map<String, String> found = new TreeMap<>();
    check
        .admin()
        .describeConfigs(List.of(resource))
        .all()
        .get()
        .get(resource)
        .entries()
        .forEach(entry -> found.put(entry.name(), entry.value()));
    return found;
  }
}
