package dev.utter.worker.intake.group;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.utter.worker.failure.WorkerBrokenException;
import dev.utter.worker.intake.IntakeSettings;
import dev.utter.worker.intake.TestingBroker;
import dev.utter.worker.intake.offsets.LostOffsets;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.DescribeClusterResult;
import org.apache.kafka.clients.admin.DescribeConfigsResult;
import org.apache.kafka.clients.admin.DescribeFeaturesResult;
import org.apache.kafka.clients.admin.FeatureMetadata;
import org.apache.kafka.clients.admin.FinalizedVersionRange;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How the intake's clients are set up for the brokers that are there. */
class KafkaPropertiesTest {
  private static final String LOG = "transaction.state.log.replication.factor";

  private final TestingBroker broker = new TestingBroker(1, "lane");

  @Test
  void propertiesThatTheGuaranteesNeedOverrideThoseOfTheOperator() {
    // Given
    Map<String, String> careless = new HashMap<>();
    careless.put("group.id", "other");
    careless.put("enable.auto.commit", "true");
    careless.put("isolation.level", "read_uncommitted");
    careless.put("auto.offset.reset", "latest");
    careless.put("max.poll.records", "500");
    careless.put("key.deserializer", "other");
    careless.put("value.deserializer", "other");

    // Then
    assertThat(KafkaProperties.consumer(settings(careless), GroupProtocol.CLASSIC))
        .containsEntry("group.id", "group")
        .containsEntry("enable.auto.commit", "false")
        .containsEntry("isolation.level", "read_committed")
        .containsEntry("auto.offset.reset", "none")
        .containsEntry("max.poll.records", 8)
        .containsEntry(
            "key.deserializer", "org.apache.kafka.common.serialization.ByteArrayDeserializer")
        .containsEntry(
            "value.deserializer", "org.apache.kafka.common.serialization.ByteArrayDeserializer");
  }

  @Test
  void everyClientHasTheOperatorsPropertiesAndThoseOfItsKind() throws Exception {
    // Given
    IntakeSettings settings =
        settings(
            Map.of("bootstrap.servers", "broker:9092"),
            Map.of("group.protocol", "consumer"),
            Map.of("compression.type", "zstd"));

    // Then
    assertThat(KafkaProperties.consumer(settings, GroupProtocol.CONSUMER))
        .containsEntry("bootstrap.servers", "broker:9092")
        .containsEntry("group.protocol", "consumer");
    assertThat(KafkaProperties.producer(settings))
        .containsEntry("bootstrap.servers", "broker:9092")
        .containsEntry("compression.type", "zstd");
    assertThat(KafkaProperties.admin(settings)).containsEntry("bootstrap.servers", "broker:9092");
    assertThat(GroupProtocol.choose(settings, broker.admin())).isEqualTo(GroupProtocol.CONSUMER);
  }

  @Test
  void aProducerIsTransactionalUnderAllSettings() {
    // Given
    Map<String, String> careless =
        Map.of(
            "transactional.id", "other",
            "acks", "0",
            "linger.ms", "7",
            "transaction.timeout.ms", "1");

    // Then
    assertThat(KafkaProperties.producer(settings(careless)))
        .containsEntry("transactional.id", "worker")
        .containsEntry("acks", "all")
        .containsEntry("linger.ms", "7")
        .containsEntry("transaction.timeout.ms", 5_000)
        .containsEntry("max.block.ms", 3_000L)
        .containsEntry("max.request.size", 16 << 20);
  }

  @Test
  void anAdministrativeRequestTakesHalfOfItsTimeAtMost() {
    assertThat(KafkaProperties.admin(settings(Map.of("request.timeout.ms", "1"))))
        .containsEntry("client.id", "worker")
        .containsEntry("request.timeout.ms", 3_000)
        .containsEntry("default.api.timeout.ms", 6_000);
  }

  @Test
  void eachProtocolAssignsTheLanesSeparately() {
    assertThat(KafkaProperties.consumer(settings(Map.of()), GroupProtocol.CONSUMER))
        .containsEntry("group.protocol", "CONSUMER")
        .containsEntry("group.remote.assignor", "range")
        .containsEntry("client.id", "worker")
        .doesNotContainKey("partition.assignment.strategy");
    assertThat(KafkaProperties.consumer(settings(Map.of()), GroupProtocol.CLASSIC))
        .containsEntry("group.protocol", "CLASSIC")
        .doesNotContainKey("group.remote.assignor")
        .extractingByKey("partition.assignment.strategy")
        .asInstanceOf(InstanceOfAssertFactories.LIST)
        .startsWith(LaneAssignor.class.getName());
  }

  @ParameterizedTest
  @CsvSource({
    "group.protocol, consumer, CONSUMER",
    "group.protocol, Classic, CLASSIC",
    "session.timeout.ms, 3000, CLASSIC",
    "heartbeat.interval.ms, 300, CLASSIC",
    "partition.assignment.strategy, other, CLASSIC"
  })
  void theProtocolIsTheOperatorsChoice(String name, String value, GroupProtocol chosen)
      throws Exception {
    assertThat(GroupProtocol.choose(settings(Map.of(name, value)), broker.admin()))
        .isEqualTo(chosen);
    assertThat(broker.calls()).as("nobody is asked").isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"0, CLASSIC", "1, CONSUMER", "2, CONSUMER"})
  void theBrokersProtocolIsUsedWhereItIsOffered(short level, GroupProtocol chosen)
      throws Exception {
    // Given
    offer(Map.of("group.version", new FinalizedVersionRange((short) 0, level)));

    // Then
    assertThat(GroupProtocol.choose(settings(Map.of()), broker.admin())).isEqualTo(chosen);
  }

  @Test
  void aBrokerThatDoesNotKnowItsFeaturesHasTheClassicProtocol() throws Exception {
    // Given
    offer(Map.of());

    // Then
    assertThat(GroupProtocol.choose(settings(Map.of()), broker.admin()))
        .isEqualTo(GroupProtocol.CLASSIC);
    broker.fail("describeFeatures", new UnsupportedVersionException("old"));
    offer(Map.of());
    assertThat(GroupProtocol.choose(settings(Map.of()), broker.admin()))
        .isEqualTo(GroupProtocol.CLASSIC);
    broker.fail("describeFeatures", new TimeoutException("slow"));
    offer(Map.of());
    assertThatThrownBy(() -> GroupProtocol.choose(settings(Map.of()), broker.admin()))
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(TimeoutException.class);
  }

  private void offer(Map<String, FinalizedVersionRange> features) {
    FeatureMetadata metadata =
        TestingBroker.make(FeatureMetadata.class, features, Optional.empty(), Map.of());
    KafkaFuture<FeatureMetadata> future = broker.future("describeFeatures", metadata);
    broker.answer("describeFeatures", new DescribeFeaturesResult(future) {});
  }

  @ParameterizedTest
  @CsvSource({"1, 1, false", "3, 3, false", "3, 1, true"})
  void aTransactionLogWithMoreReplicasThanBrokersIsNamed(
      int replicas, int brokers, boolean trouble) {
    // Given
    cluster(brokers);
    log(List.of(new ConfigEntry(LOG, Integer.toString(replicas))));

    // Then
    assertThat(trouble())
        .isEqualTo(
            trouble ? "the brokers' setting %s is 3, and there are 1 brokers".formatted(LOG) : "");
  }

  @Test
  void aTransactionLogThatIsNotKnownIsNotReported() {
    // Given
    cluster(0);

    // Then
    assertThat(trouble()).isEmpty();
    cluster(1);
    log(List.of());
    assertThat(trouble()).isEmpty();
    broker.fail("describeConfigs", new TimeoutException("slow"));
    log(List.of());
    assertThat(trouble()).isEmpty();
  }

  private String trouble() {
    try (IntakeClients clients = new IntakeClients(broker.admin(), new MockConsumer<>("none"))) {
      return clients.transactionLogTrouble(Duration.ofSeconds(10)).orElse("");
    }
  }

  private void cluster(int brokers) {
    Collection<Node> nodes =
        IntStream.range(0, brokers).mapToObj(i -> new Node(i, "broker", 9092)).toList();
    broker.answer(
        "describeCluster",
        TestingBroker.make(
            DescribeClusterResult.class,
            broker.future("describeCluster", nodes),
            null,
            null,
            null));
  }

  private void log(List<ConfigEntry> entries) {
    ConfigResource resource = new ConfigResource(ConfigResource.Type.BROKER, "0");
    KafkaFuture<Config> config = broker.future("describeConfigs", new Config(entries));
    broker.answer("describeConfigs", new DescribeConfigsResult(Map.of(resource, config)) {});
  }

  @Test
  void clientsOfBrokersThatCannotBeFoundYetAreMadeLater() {
    assertThatThrownBy(
            () -> IntakeClients.open(settings(Map.of("bootstrap.servers", "nowhere.invalid:9092"))))
        .isInstanceOf(IntakeClients.NotYetException.class)
        .hasMessageStartingWith("Kafka: No resolvable bootstrap urls");
  }

  @ParameterizedTest
  @ValueSource(strings = {"security.protocol", "metadata.max.age.ms"})
  void aPropertyThatNoClientTakesBreaksTheWorker(String property) {
    assertThatThrownBy(
            () ->
                IntakeClients.open(
                    settings(Map.of("bootstrap.servers", "127.0.0.1:1", property, "nonsense"))))
        .isInstanceOf(WorkerBrokenException.class)
        .hasMessageStartingWith("Kafka's clients: ")
        .hasMessageContaining(property);
  }

  private static IntakeSettings settings(Map<String, String> kafka) {
    return settings(kafka, Map.of(), Map.of());
  }

  private static IntakeSettings settings(
      Map<String, String> kafka, Map<String, String> consumer, Map<String, String> producer) {
    Duration second = Duration.ofSeconds(1);
    return new IntakeSettings(
        "group",
        "worker",
        Set.of("lane"),
        OptionalInt.empty(),
        8,
        second,
        second,
        Duration.ofSeconds(3),
        Duration.ofSeconds(5),
        3,
        second,
        LostOffsets.REFUSE,
        kafka,
        consumer,
        producer);
  }
}
