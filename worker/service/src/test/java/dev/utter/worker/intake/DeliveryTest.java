package dev.utter.worker.intake;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.utter.worker.failure.WorkerBrokenException;
import dev.utter.worker.intake.offsets.Progress;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.junit.jupiter.api.Test;

class DeliveryTest {
  private final AtomicInteger wakeups = new AtomicInteger();
  private final CommandQueue commands = new CommandQueue(wakeups::incrementAndGet);
  private final ConsumerRecord<byte[], byte[]> record =
      new ConsumerRecord<>("lane", 3, 7, new byte[] {1}, new byte[] {2, 3});
  private final Delivery delivery = new Delivery(record, 1, commands);

  @Test
  void isTheRecordAndWhereItComesFrom() {
    assertThat(delivery.record()).isSameAs(record);
    assertThat(delivery.lane()).isEqualTo("lane");
    assertThat(delivery.partition()).isEqualTo(new TopicPartition("lane", 3));
    assertThat(delivery.offset()).isEqualTo(7);
    assertThat(delivery).hasToString("lane-3@7");
    assertThat(delivery.starts()).isEqualTo(1);
    assertThat(delivery.underWay()).isFalse();
    assertThat(delivery.finishing()).isFalse();
    assertThat(delivery.dropped()).isFalse();
  }

  @Test
  void everyRequestIsACommandToTheIntake() {
    // Given
    Outcome outcome = new Outcome("completed", List.of());

    // When
    delivery.start();
    delivery.attemptFailed();
    delivery.takeStartBack();
    delivery.setAside(true);
    delivery.setAside(false);
    delivery.finish(outcome);

    // Then
    assertThat(commands.drain())
        .containsExactly(
            new Command.Start(delivery),
            new Command.AttemptFailed(delivery),
            new Command.TakeBack(delivery),
            new Command.SetAside(delivery, true),
            new Command.SetAside(delivery, false),
            new Command.Finish(delivery, outcome));
  }

  @Test
  void severalThatStartTogetherWakeTheIntakeOnce() {
    // Given
    Delivery other = new Delivery(record, 0, commands);
    commands.beforePoll();

    // When
    Delivery.startAll(List.of());
    Delivery.startAll(List.of(delivery, other));

    // Then
    assertThat(wakeups).hasValue(1);
    assertThat(commands.drain())
        .containsExactly(new Command.Start(delivery), new Command.Start(other));
  }

  @Test
  void countsStartsUpToTheMaximumThatProgressCanDescribe() {
    // When
    for (int i = 0; i < 40; i++) {
      delivery.begin();
    }

    // Then
    assertThat(delivery.starts()).isEqualTo(Progress.MAX_STARTS);
  }

  @Test
  void onlyAStartUnderWayIsTakenBack() {
    // When
    delivery.takeBack();
    int unbegun = delivery.starts();
    delivery.begin();
    delivery.takeBack();
    int takenBack = delivery.starts();
    delivery.begin();
    delivery.endAttempt();
    delivery.takeBack();

    // Then
    assertThat(unbegun).isEqualTo(1);
    assertThat(takenBack).isEqualTo(1);
    assertThat(delivery.starts()).isEqualTo(2);
    assertThat(delivery.underWay()).isFalse();
  }

  @Test
  void anOutcomeKnowsItsDeadLettersAndMakesOnlyTheLargeOneSmaller() {
    // Given
    ProducerRecord<byte[], byte[]> event = new ProducerRecord<>("events", new byte[] {1});
    ProducerRecord<byte[], byte[]> letter = DeadLetter.of("letters", record, "FAULT", "why");
    Outcome outcome = new Outcome("failed", List.of(event, letter));

    // When
    Outcome shrunk = outcome.shrunk(letter);

    // Then
    assertThat(outcome.deadLetters()).isEqualTo(1);
    assertThat(shrunk.kind()).isEqualTo("failed");
    assertThat(shrunk.records().get(0)).isSameAs(event);
    assertThat(shrunk.records().get(1).value()).isNull();
    assertThat(shrunk.records().get(1).key()).isEqualTo(record.key());
    assertThat(header(shrunk.records().get(1), DeadLetter.OMITTED)).isEqualTo("2 bytes");
    assertThat(header(shrunk.records().get(1), DeadLetter.MESSAGE)).isEqualTo("why");
  }

  @Test
  void neitherAnEventNorALetterWithoutAValueCanBeMadeSmaller() {
    // Given
    ProducerRecord<byte[], byte[]> event = new ProducerRecord<>("events", new byte[] {1});
    ProducerRecord<byte[], byte[]> empty =
        DeadLetter.of("letters", new ConsumerRecord<>("lane", 3, 7, null, null), "FAULT", "why");

    // Then
    assertThatThrownBy(() -> DeadLetter.withoutValue(event))
        .isInstanceOf(WorkerBrokenException.class)
        .hasMessage("an outcome of 1 bytes is too large for topic events");
    assertThatThrownBy(() -> DeadLetter.withoutValue(empty))
        .isInstanceOf(WorkerBrokenException.class)
        .hasMessage("an outcome of 0 bytes is too large for topic letters");
  }

  @Test
  void aDeadLetterSaysWhereItComesFromAndCutsALongReason() {
    // Given
    record.headers().add("kept", new byte[] {9});
    record.headers().add(DeadLetter.TOPIC, "forged".getBytes(UTF_8));

    // When
    ProducerRecord<byte[], byte[]> letter =
        DeadLetter.of("letters", record, "FAULT", "w".repeat(1001));

    // Then
    assertThat(letter.topic()).isEqualTo("letters");
    assertThat(letter.value()).isEqualTo(record.value());
    assertThat(letter.headers().headers(DeadLetter.TOPIC)).hasSize(1);
    assertThat(header(letter, DeadLetter.TOPIC)).isEqualTo("lane");
    assertThat(header(letter, DeadLetter.PARTITION)).isEqualTo("3");
    assertThat(header(letter, DeadLetter.OFFSET)).isEqualTo("7");
    assertThat(header(letter, DeadLetter.TIMESTAMP)).isEqualTo(Long.toString(record.timestamp()));
    assertThat(header(letter, DeadLetter.REASON)).isEqualTo("FAULT");
    assertThat(header(letter, DeadLetter.MESSAGE)).isEqualTo("w".repeat(1000));
    assertThat(letter.headers().lastHeader("kept").value()).containsExactly(9);
  }

  private static String header(ProducerRecord<byte[], byte[]> letter, String name) {
    Header header = letter.headers().lastHeader(name);
    return header == null ? "missing" : new String(header.value(), UTF_8);
  }
}
