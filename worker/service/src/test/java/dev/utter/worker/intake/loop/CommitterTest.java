package dev.utter.worker.intake.loop;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.utter.worker.intake.Command;
import dev.utter.worker.intake.CommandQueue;
import dev.utter.worker.intake.Delivery;
import dev.utter.worker.intake.IntakeListener;
import dev.utter.worker.intake.IntakeSettings;
import dev.utter.worker.intake.Outcome;
import dev.utter.worker.intake.group.Assignment;
import dev.utter.worker.intake.group.GroupConsumer;
import dev.utter.worker.intake.offsets.LostOffsets;
import dev.utter.worker.intake.offsets.Takeover;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.junit.jupiter.api.Test;

/**
 * The committer with a broker that commits and loses the answer, and whose transaction coordinator
 * is then away while its group coordinator is there: a broker of one node cannot be both.
 */
class CommitterTest {
  private static final TopicPartition STAYS = new TopicPartition("lane", 1);
  private static final TopicPartition GOES = new TopicPartition("lane", 2);
  private final List<String> visible = new ArrayList<>();
  private final List<Delivery> started = new ArrayList<>();
  private final MockConsumer<byte[], byte[]> kafka = new MockConsumer<>("none");
  private final CommandQueue commands = new CommandQueue(() -> {});
  private final Assignment assignment;
  private final Committer committer;
  private boolean loseAnswers = true;
  private boolean coordinatorAway;

  CommitterTest() {
    kafka.subscribe(List.of("lane"));
    kafka.rebalance(List.of(STAYS, GOES));
    kafka.commitSync(Map.of(STAYS, new OffsetAndMetadata(0), GOES, new OffsetAndMetadata(0)));
    kafka.updateBeginningOffsets(Map.of(STAYS, 0L, GOES, 0L));
    GroupConsumer consumer = new GroupConsumer(kafka, commands, Duration.ofSeconds(1));
    assignment =
        new Assignment(
            consumer,
            commands,
            this::find,
            new Takeover(LostOffsets.REFUSE, "group"),
            IntakeListener.NONE,
            () -> 0);
    committer =
        new Committer(
            new Transactions(
                this::producer,
                IntakeSettings.defaults("id", Map.of()),
                IntakeListener.NONE,
                () -> 0),
            consumer,
            assignment,
            IntakeListener.NONE,
            finish ->
                assignment
                    .work(finish.delivery().partition())
                    .ifPresent(work -> work.finished(finish.delivery())),
            started::add,
            Duration.ZERO,
            () -> 0);
    takeOver(STAYS, GOES);
  }

  @Test
  void publishesNothingTwiceWhenAPartitionOfADoubtGoesAndComesBack() {
    // Given
    finish(STAYS);
    finish(GOES);
    committer.commit(Set.of());

    // When
    committer.forget(Set.of(GOES));
    assignment.remove(List.of(GOES));
    kafka.commitSync(Map.of(GOES, new OffsetAndMetadata(1, "utter1:a")));
    takeOver(GOES);
    coordinatorAway = false;
    loseAnswers = false;
    committer.commitDue();

    // Then
    assertThat(visible).containsExactlyInAnyOrder("lane-1@0", "lane-2@0");
    assertThat(committer.isEmpty()).isTrue();
  }

  @Test
  void beginsNothingWhoseStartMarkerIsInDoubtAndBeginsItOnceWhenItIsSettled() {
    // Given
    Delivery delivery = take(STAYS);

    // When
    committer.start(delivery);
    committer.commitDue();
    List<Delivery> startedInDoubt = List.copyOf(started);
    coordinatorAway = false;
    loseAnswers = false;
    committer.commitDue();
    committer.commitDue();

    // Then
    assertThat(startedInDoubt).isEmpty();
    assertThat(started).containsExactly(delivery);
    assertThat(kafka.committed(Set.of(STAYS)))
        .containsEntry(STAYS, new OffsetAndMetadata(0, "utter1:a"));
  }

  private Map<TopicPartition, CompletableFuture<Takeover.Found>> find(
      Set<TopicPartition> partitions) {
    return partitions.stream()
        .collect(
            Collectors.toMap(
                partition -> partition,
                partition ->
                    CompletableFuture.completedFuture(
                        new Takeover.Found(
                            false,
                            Optional.ofNullable(kafka.committed(Set.of(partition)).get(partition)),
                            0,
                            1))));
  }

  private void takeOver(TopicPartition... partitions) {
    assignment.assigned(List.of(partitions));
    assignment.takeOver();
  }

  private Delivery take(TopicPartition partition) {
    ConsumerRecord<byte[], byte[]> record =
        new ConsumerRecord<>(partition.topic(), partition.partition(), 0, new byte[0], new byte[0]);
    return assignment.work(partition).orElseThrow().take(record).orElseThrow();
  }

  private void finish(TopicPartition partition) {
    Delivery delivery = take(partition);
    delivery.begin();
    delivery.markFinishing();
    committer.publish(
        new Command.Finish(
            delivery,
            new Outcome(
                "completed",
                List.of(new ProducerRecord<>("outcomes", delivery.toString().getBytes(UTF_8))))));
  }

  @SuppressWarnings("unchecked")
  private Producer<byte[], byte[]> producer() {
    List<String> open = new ArrayList<>();
    Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
    return IntakeFaultTest.proxied(
        (method, arguments) -> {
          switch (method.getName()) {
            case "initTransactions" -> {
              if (coordinatorAway) {
                throw new TimeoutException("the coordinator is away");
              }
            }
            case "send" -> {
              open.add(new String(((ProducerRecord<byte[], byte[]>) arguments[0]).value(), UTF_8));
              return new CompletableFuture<RecordMetadata>();
            }
            case "sendOffsetsToTransaction" ->
                offsets.putAll((Map<TopicPartition, OffsetAndMetadata>) arguments[0]);
            case "commitTransaction" -> {
              visible.addAll(open);
              open.clear();
              kafka.commitSync(Map.copyOf(offsets));
              offsets.clear();
              if (loseAnswers) {
                coordinatorAway = true;
                throw new TimeoutException("the answer got lost");
              }
            }
            default -> {}
          }
          return null;
        });
  }
}
