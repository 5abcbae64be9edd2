package dev.utter.worker.intake.loop;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.awaitility.Awaitility.await;

import dev.utter.embedded.EmbeddedStack;
import dev.utter.worker.intake.IntakeSettings;
import dev.utter.worker.intake.group.GroupProtocol;
import dev.utter.worker.intake.group.KafkaProperties;
import dev.utter.worker.intake.offsets.LostOffsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.MemberDescription;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Lanes, an outcome topic and a group of a test's own on a real broker, and workers on them. */
final class IntakeRig implements AutoCloseable {
  static final Duration PATIENCE = Duration.ofSeconds(30);

  final String interactive;
  final String bulk;
  final String outcomes;
  final String group;
  private final EmbeddedStack stack;
  private final Admin admin;
  private final List<TestingWorker> workers = new ArrayList<>();

  IntakeRig(EmbeddedStack stack, int partitions) {
    this.stack = stack;
    String run = UUID.randomUUID().toString();
    interactive = "interactive-" + run;
    bulk = "bulk-" + run;
    outcomes = "outcomes-" + run;
    group = "group-" + run;
    admin = Admin.create(kafka());
    unchecked(
        () ->
            admin
                .createTopics(
                    List.of(
                        new NewTopic(interactive, partitions, (short) 1),
                        new NewTopic(bulk, partitions, (short) 1),
                        new NewTopic(outcomes, 1, (short) 1)))
                .all()
                .get());
  }

  Map<String, Object> kafka() {
    return Map.of("bootstrap.servers", stack.bootstrapServers());
  }

  /** Quick settings for a worker; consumer properties on top. */
  IntakeSettings settings(String name, int window, Map<String, String> consumer) {
    return settings(name, window, consumer, Duration.ofSeconds(5));
  }

  IntakeSettings settings(
      String name, int window, Map<String, String> consumer, Duration stopGrace) {
    return settings(name, window, consumer, stopGrace, LostOffsets.REFUSE);
  }

  IntakeSettings settings(String name, LostOffsets lostOffsets) {
    return settings(name, 64, Map.of(), Duration.ofSeconds(5), lostOffsets);
  }

  private IntakeSettings settings(
      String name,
      int window,
      Map<String, String> consumer,
      Duration stopGrace,
      LostOffsets lostOffsets) {
    Map<String, String> quick = new HashMap<>(Map.of("metadata.max.age.ms", "2000"));
    if (!"consumer".equals(consumer.get("group.protocol"))) {
      quick.put("session.timeout.ms", "3000");
      quick.put("heartbeat.interval.ms", "300");
    }
    quick.putAll(consumer);
    return new IntakeSettings(
        group,
        name + "-" + group,
        Set.of(interactive, bulk),
        OptionalInt.of(window),
        Math.min(window, 8),
        Duration.ofMillis(20),
        Duration.ofMillis(100),
        Duration.ofSeconds(3),
        Duration.ofSeconds(5),
        3,
        stopGrace,
        lostOffsets,
        Map.of("bootstrap.servers", stack.bootstrapServers()),
        quick,
        Map.of());
  }

  TestingWorker worker(String name) {
    return worker(settings(name, 32, Map.of()));
  }

  TestingWorker worker(IntakeSettings settings) {
    return add(new TestingWorker(settings, outcomes));
  }

  TestingWorker add(TestingWorker worker) {
    workers.add(worker);
    worker.intake().start();
    return worker;
  }

  /** A member of the group that owns partitions and dies without leaving. */
  void joinAndDie(Map<String, String> consumer) {
    Map<String, Object> properties =
        new HashMap<>(
            KafkaProperties.consumer(settings("dead", 8, consumer), GroupProtocol.CLASSIC));
    try (KafkaConsumer<byte[], byte[]> dying = new KafkaConsumer<>(properties)) {
      dying.subscribe(List.of(interactive, bulk));
      await()
          .atMost(PATIENCE)
          .until(
              () -> {
                dying.poll(Duration.ofMillis(100));
                return !dying.assignment().isEmpty();
              });
      dying.close(
          CloseOptions.timeout(Duration.ofSeconds(5))
              .withGroupMembershipOperation(CloseOptions.GroupMembershipOperation.REMAIN_IN_GROUP));
    }
  }

  /** As after the retention of offsets is over, or by an operator's mistake. */
  void deleteGroup() {
    await()
        .atMost(PATIENCE)
        .until(() -> groupState() == GroupState.EMPTY || groupState() == GroupState.DEAD);
    unchecked(() -> admin.deleteConsumerGroups(List.of(group)).all().get());
  }

  /** As retention does. */
  void deleteRecords(TopicPartition partition, long before) {
    unchecked(
        () ->
            admin
                .deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(before)))
                .all()
                .get());
  }

  /** Sets the topic up so that the broker deletes none of its records when it is asked to. */
  void keepAllRecords(String topic) {
    AlterConfigOp compact =
        new AlterConfigOp(new ConfigEntry("cleanup.policy", "compact"), AlterConfigOp.OpType.SET);
    unchecked(
        () ->
            admin
                .incrementalAlterConfigs(
                    Map.of(new ConfigResource(ConfigResource.Type.TOPIC, topic), List.of(compact)))
                .all()
                .get());
  }

  long logStart(TopicPartition partition) {
    return unchecked(
        () ->
            admin
                .listOffsets(Map.of(partition, OffsetSpec.earliest()))
                .partitionResult(partition)
                .get()
                .offset());
  }

  /** Commits the beginning of all lanes, as the first worker of a group does. */
  void commitBeginnings(int partitions) {
    for (String lane : List.of(interactive, bulk)) {
      for (int i = 0; i < partitions; i++) {
        commit(new TopicPartition(lane, i), new OffsetAndMetadata(0));
      }
    }
  }

  /** By member, its partitions; members without any are left out. Empty before there is a group. */
  Map<String, Set<TopicPartition>> owners() {
    KafkaFuture<ConsumerGroupDescription> description =
        admin.describeConsumerGroups(List.of(group)).describedGroups().get(group);
    await().atMost(PATIENCE).until(description::isDone);
    if (description.isCompletedExceptionally()) {
      return Map.of();
    }
    return unchecked(description::get).members().stream()
        .filter(member -> !member.assignment().topicPartitions().isEmpty())
        .collect(
            Collectors.toMap(
                MemberDescription::consumerId, member -> member.assignment().topicPartitions()));
  }

  GroupState groupState() {
    return unchecked(
        () ->
            admin
                .describeConsumerGroups(List.of(group))
                .describedGroups()
                .get(group)
                .get()
                .groupState());
  }

  void publish(String topic, String... values) {
    publish(topic, List.of(values));
  }

  void publish(String topic, List<String> values) {
    try (KafkaProducer<byte[], byte[]> producer = producer(Map.of())) {
      values.forEach(
          value -> producer.send(new ProducerRecord<>(topic, bytes(value), bytes(value))));
    }
  }

  /** One transaction a record, so that every other offset is a marker. */
  void publishTransactionally(String topic, List<String> values) {
    Map<String, Object> transactional = Map.of("transactional.id", UUID.randomUUID().toString());
    try (KafkaProducer<byte[], byte[]> producer = producer(transactional)) {
      producer.initTransactions();
      for (String value : values) {
        producer.beginTransaction();
        producer.send(new ProducerRecord<>(topic, bytes(value), bytes(value)));
        producer.commitTransaction();
      }
    }
  }

  KafkaProducer<byte[], byte[]> producer(Map<String, Object> more) {
    Map<String, Object> properties = new HashMap<>(kafka());
    properties.putAll(more);
    return new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
  }

  /** Values of all outcomes that a read_committed consumer sees. */
  List<String> visible() {
    return visibleRecords().stream().map(record -> new String(record.value(), UTF_8)).toList();
  }

  /**
   * Reads past everything that is in the log by now: a commit is decided a moment before its
   * marker, and with it the outcome, shows.
   */
  List<ConsumerRecord<byte[], byte[]>> visibleRecords() {
    Map<String, Object> properties = new HashMap<>(kafka());
    properties.put("isolation.level", "read_committed");
    TopicPartition partition = new TopicPartition(outcomes, 0);
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      long end = logEnd(partition);
      List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
      await()
          .atMost(PATIENCE)
          .until(
              () -> {
                consumer.poll(Duration.ofMillis(100)).forEach(records::add);
                return consumer.position(partition) >= end;
              });
      return records;
    }
  }

  long logEnd(TopicPartition partition) {
    return unchecked(
        () ->
            admin
                .listOffsets(Map.of(partition, OffsetSpec.latest()))
                .partitionResult(partition)
                .get()
                .offset());
  }

  Map<TopicPartition, OffsetAndMetadata> committed() {
    return unchecked(
        () -> admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get());
  }

  /** What another tool or worker committed before. */
  void commit(TopicPartition partition, OffsetAndMetadata offset) {
    unchecked(() -> admin.alterConsumerGroupOffsets(group, Map.of(partition, offset)).all().get());
  }

  /** Log end minus committed offset over a topic's partitions: what lag tools show. */
  long lag(String topic, int partitions) {
    Map<TopicPartition, OffsetAndMetadata> committed = committed();
    List<TopicPartition> all =
        IntStream.range(0, partitions).mapToObj(i -> new TopicPartition(topic, i)).toList();
    Map<String, Object> properties = new HashMap<>(kafka());
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      return consumer.endOffsets(all).entrySet().stream()
          .mapToLong(
              end ->
                  end.getValue()
                      - (committed.get(end.getKey()) == null
                          ? 0
                          : committed.get(end.getKey()).offset()))
          .sum();
    }
  }

  static List<String> numbered(String name, int count) {
    return IntStream.range(0, count).mapToObj(i -> name + i).toList();
  }

  static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  private interface Call<T> {
    T run() throws ExecutionException, InterruptedException;
  }

  private static <T> T unchecked(Call<T> call) {
    try {
      return call.run();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    workers.forEach(TestingWorker::letGo);
    workers.forEach(worker -> worker.intake().stop());
    workers.forEach(worker -> worker.intake().close());
    admin.close();
  }
}
