package dev.utter.worker.intake.loop;

import static dev.utter.worker.intake.loop.IntakeRig.PATIENCE;
import static dev.utter.worker.intake.loop.IntakeRig.bytes;
import static dev.utter.worker.intake.loop.IntakeRig.numbered;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.utter.embedded.EmbeddedStack;
import dev.utter.embedded.EmbeddedStackSettings;
import dev.utter.embedded.SharedStack;
import dev.utter.worker.intake.IntakeSettings;
import dev.utter.worker.intake.group.GroupProtocol;
import dev.utter.worker.intake.group.KafkaProperties;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The start of an intake: what it waits for, and how it finds its group. */
@Tag("integration")
class IntakeStartTest {

  @Test
  void namesTheBrokersSettingThatKeepsItsProducerFromComingUp() {
    EmbeddedStackSettings settings = EmbeddedStackSettings.temporary();
    try (EmbeddedStack stack =
            EmbeddedStack.start(
                new EmbeddedStackSettings(
                    settings.kafka().with("transaction.state.log.replication.factor", "3"),
                    settings.schemaRegistry(),
                    settings.s3()));
        IntakeRig rig = new IntakeRig(stack, 1)) {
      // When
      TestingWorker worker = rig.worker("a");

      // Then
      await()
          .atMost(PATIENCE)
          .until(
              () ->
                  worker
                      .intake()
                      .waitingFor()
                      .orElse("")
                      .contains("transaction.state.log.replication.factor is 3"));
      assertThat(worker.intake().waitingFor()).get().asString().contains("transactional producer");
    }
  }

  @Test
  void waitsForNothingOnceItWorks() {
    try (IntakeRig rig = new IntakeRig(SharedStack.get(), 1)) {
      // Given
      TestingWorker worker = rig.worker("a");
      rig.publish(rig.bulk, "r");

      // When
      await().atMost(PATIENCE).until(() -> worker.committed.containsKey("r"));

      // Then
      assertThat(worker.intake().waitingFor()).isEmpty();
    }
  }

  @Test
  void usesTheBrokersProtocolWhereItIsOfferedAndTheOperatorsOtherwise() throws Exception {
    // Given
    Map<String, String> kafka = Map.of("bootstrap.servers", SharedStack.get().bootstrapServers());
    try (Admin admin = Admin.create(Map.copyOf(kafka))) {
      // Then
      assertThat(GroupProtocol.choose(IntakeSettings.defaults("id", kafka), admin))
          .isEqualTo(GroupProtocol.CONSUMER);
      assertThat(GroupProtocol.choose(with(kafka, "group.protocol", "classic"), admin))
          .isEqualTo(GroupProtocol.CLASSIC);
      assertThat(GroupProtocol.choose(with(kafka, "session.timeout.ms", "45000"), admin))
          .isEqualTo(GroupProtocol.CLASSIC);
    }
  }

  @Test
  void theBrokersProtocolSharesOutEveryLaneEvenlyThoughWorkersComeOneByOne() throws Exception {
    try (IntakeRig rig = new IntakeRig(SharedStack.get(), 4)) {
      // When
      List<TestingWorker> workers = new ArrayList<>();
      for (String name : List.of("a", "b", "c", "d")) {
        workers.add(rig.worker(rig.settings(name, 32, Map.of("group.protocol", "consumer"))));
        await().atMost(PATIENCE).until(() -> rig.owners().size() == workers.size());
      }

      // Then
      await()
          .atMost(PATIENCE)
          .until(
              () ->
                  rig.owners().values().stream()
                      .allMatch(
                          partitions ->
                              partitions.stream()
                                  .collect(
                                      Collectors.groupingBy(
                                          TopicPartition::topic, Collectors.counting()))
                                  .equals(Map.of(rig.interactive, 1L, rig.bulk, 1L))));
    }
  }

  @Test
  void anotherPartitionsOpenTransactionHoldsUpOnlyThatPartition() {
    try (IntakeRig rig = new IntakeRig(SharedStack.get(), 2)) {
      // Given
      rig.publish(rig.bulk, numbered("r", 40));
      rig.commitBeginnings(2);
      TopicPartition open = new TopicPartition(rig.bulk, 0);
      Map<String, Object> dead = Map.of("transactional.id", "dead-" + rig.group);
      Map<String, Object> outsider =
          KafkaProperties.consumer(rig.settings("dead", 8, Map.of()), GroupProtocol.CLASSIC);
      try (KafkaProducer<byte[], byte[]> producer = rig.producer(dead);
          KafkaConsumer<byte[], byte[]> member = new KafkaConsumer<>(outsider)) {
        producer.initTransactions();
        producer.beginTransaction();
        producer.send(new ProducerRecord<>(rig.outcomes, bytes("k"), bytes("of the dead")));
        producer.sendOffsetsToTransaction(
            Map.of(open, new OffsetAndMetadata(3)), member.groupMetadata());

        // When
        TestingWorker worker = rig.worker("a");

        // Then
        await()
            .atMost(PATIENCE)
            .until(
                () ->
                    !worker.committed.isEmpty() && worker.committed.size() == worker.taken.size());
        assertThat(worker.taken.values()).allMatch(delivery -> delivery.record().partition() == 1);
        assertThat(worker.intake().waitingFor())
            .hasValueSatisfying(why -> assertThat(why).contains("1 partitions", open.toString()));
        producer.abortTransaction();
        await().atMost(PATIENCE).until(() -> worker.committed.size() == 40);
        assertThat(worker.intake().waitingFor()).isEmpty();
      }
    }
  }

  @Test
  void goesOnInAGroupWhoseOtherMembersUseTheClassicProtocol() {
    try (IntakeRig rig = new IntakeRig(SharedStack.get(), 4)) {
      // Given
      TestingWorker classic =
          rig.worker(rig.settings("a", 64, Map.of("group.protocol", "classic")));
      rig.publish(rig.bulk, numbered("r", 40));
      await().atMost(PATIENCE).until(() -> classic.committed.size() == 40);

      // When
      TestingWorker next = rig.worker(rig.settings("b", 64, Map.of("group.protocol", "consumer")));
      await().atMost(Duration.ofSeconds(60)).until(() -> rig.owners().size() == 2);
      rig.publish(rig.bulk, numbered("s", 80));

      // Then
      await().atMost(PATIENCE).until(() -> classic.committed.size() + next.committed.size() == 120);
      assertThat(next.committed).isNotEmpty();
    }
  }

  private static IntakeSettings with(Map<String, String> kafka, String key, String value) {
    Map<String, String> more = new HashMap<>(kafka);
    more.put(key, value);
    return IntakeSettings.defaults("id", more);
  }
}
