package dev.utter.worker.intake.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.utter.worker.failure.WorkerBrokenException;
import dev.utter.worker.intake.IntakeListener;
import dev.utter.worker.intake.IntakeSettings;
import dev.utter.worker.intake.loop.Transactions.Result;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TransactionalIdAuthorizationException;
import org.junit.jupiter.api.Test;

class TransactionsTest implements IntakeListener {
  private static final Map<TopicPartition, OffsetAndMetadata> OFFSETS =
      Map.of(new TopicPartition("lane", 0), new OffsetAndMetadata(1));
  private static final ConsumerGroupMetadata GROUP =
      new MockConsumer<byte[], byte[]>("none").groupMetadata();

  private final AtomicLong now = new AtomicLong();
  private final List<String> calls = new ArrayList<>();
  private final List<String> namesTaken = new ArrayList<>();
  private final Map<String, RuntimeException> failures = new HashMap<>();
  private CompletableFuture<RecordMetadata> sending = new CompletableFuture<>();
  private RuntimeException noProducer;
  private final Transactions transactions =
      new Transactions(this::producer, IntakeSettings.defaults("worker", Map.of()), this, now::get);

  @Override
  public void nameTaken(String transactionalId) {
    namesTaken.add(transactionalId);
  }

  private Producer<byte[], byte[]> producer() {
    if (noProducer != null) {
      throw noProducer;
    }
    calls.add("new");
    return IntakeFaultTest.proxied(
        (method, arguments) -> {
          String name = method.getName();
          calls.add(name.equals("close") ? "close " + arguments[0] : name);
          RuntimeException why = failures.get(name);
          if (why != null) {
            throw why;
          }
          return name.equals("send") ? sending : null;
        });
  }

  private Result commit(String... values) {
    List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
    for (String value : values) {
      records.add(new ProducerRecord<>(value, new byte[0]));
    }
    return transactions.commit(records, OFFSETS, GROUP);
  }

  @Test
  void outcomesAndOffsetsAreOneTransaction() {
    // When
    assertThat(transactions.ready()).isTrue();
    Result result = commit("a", "b");

    // Then
    assertThat(result).isEqualTo(Result.COMMITTED);
    assertThat(calls)
        .containsExactly(
            "new",
            "initTransactions",
            "beginTransaction",
            "send",
            "send",
            "sendOffsetsToTransaction",
            "commitTransaction");
    assertThat(transactions.ready()).isTrue();
    assertThat(calls).hasSize(7);
    assertThatThrownBy(transactions::lastFailure).hasMessage("no transaction has failed");
  }

  @Test
  void withoutAProducerThereIsNoTransaction() {
    // Given
    assertThat(transactions.whyNotReady()).isEmpty();
    failures.put("initTransactions", new TimeoutException("no coordinator"));

    // When
    assertThat(transactions.ready()).isFalse();

    // Then
    assertThat(transactions.whyNotReady()).get().asString().endsWith("no coordinator");
    assertThat(calls).endsWith("close PT0S");
    assertThatThrownBy(this::commit).hasMessage("the producer is not ready");

    // When
    failures.clear();
    noProducer = new KafkaException("cannot be made", new IllegalStateException("no name"));

    // Then
    assertThat(transactions.ready()).isFalse();
    assertThat(transactions.whyNotReady())
        .contains("org.apache.kafka.common.KafkaException: cannot be made: no name");
    noProducer = null;
    assertThat(transactions.ready()).isTrue();
    assertThat(transactions.whyNotReady()).isEmpty();
  }

  @Test
  void aProducerThatMayNeverWorkBreaksTheWorker() {
    // Given
    failures.put("initTransactions", new TransactionalIdAuthorizationException("not allowed"));

    // Then
    assertThatThrownBy(transactions::ready)
        .isInstanceOf(WorkerBrokenException.class)
        .hasMessage("no transactional producer: not allowed");
    assertThat(calls).endsWith("close PT0S");
  }

  @Test
  void aFailureBeforeTheCommitAbortsTheTransaction() {
    for (String call : List.of("beginTransaction", "send", "sendOffsetsToTransaction")) {
      // Given
      failures.clear();
      assertThat(transactions.ready()).isTrue();
      failures.put(call, new TimeoutException("slow"));

      // Then
      assertThat(commit("a")).isEqualTo(Result.ABORTED);
      assertThat(transactions.lastFailure()).hasMessage("slow");
      assertThat(calls).endsWith("abortTransaction").doesNotContain("commitTransaction");
    }
    assertThat(calls).as("the producer is kept").containsOnlyOnce("new");
  }

  @Test
  void aProducerThatCannotEvenAbortIsReplaced() {
    // Given
    assertThat(transactions.ready()).isTrue();
    failures.put("beginTransaction", new IllegalStateException("fatal"));
    failures.put("abortTransaction", new IllegalStateException("fatal"));

    // When
    assertThat(commit("a")).isEqualTo(Result.ABORTED);

    // Then
    assertThat(calls).endsWith("close PT0S");
    assertThat(transactions.ready()).isTrue();
    assertThat(calls).endsWith("new", "initTransactions");
  }

  @Test
  void aCommitWhoseAnswerIsLostIsInDoubtAndItsProducerIsReplaced() {
    // Given
    assertThat(transactions.ready()).isTrue();
    failures.put("commitTransaction", new TimeoutException("lost"));

    // When
    assertThat(commit("a")).isEqualTo(Result.IN_DOUBT);

    // Then
    assertThat(transactions.lastFailure()).hasMessage("lost");
    assertThat(calls).endsWith("commitTransaction", "close PT0S");
    assertThat(transactions.ready()).isTrue();
    assertThat(calls).endsWith("new", "initTransactions");
  }

  @Test
  void aRecordThatTheBrokerNeverTakesIsKnown() {
    // Given
    assertThat(transactions.ready()).isTrue();
    sending = CompletableFuture.failedFuture(new RecordTooLargeException("2 MB"));

    // When
    assertThat(commit("large", "not sent")).isEqualTo(Result.ABORTED);

    // Then
    assertThat(transactions.lastFailure()).hasMessage("not sent: 2 MB");
    assertThat(transactions.tooLarge()).get().extracting(ProducerRecord::topic).isEqualTo("large");
    assertThat(calls).containsOnlyOnce("send");

    // When
    sending = CompletableFuture.completedFuture(null);
    assertThat(commit("small")).isEqualTo(Result.COMMITTED);

    // Then
    assertThat(transactions.tooLarge()).isEmpty();
  }

  @Test
  void onlyARecordThatIsRefusedForItsSizeIsTooLarge() {
    // Given
    assertThat(transactions.ready()).isTrue();
    assertThat(commit("on its way")).isEqualTo(Result.COMMITTED);
    assertThat(transactions.tooLarge()).isEmpty();

    // When
    sending = CompletableFuture.failedFuture(new TimeoutException("no metadata"));
    assertThat(commit("lost")).isEqualTo(Result.ABORTED);

    // Then
    assertThat(transactions.tooLarge()).isEqualTo(Optional.empty());
  }

  @Test
  void threeFencingsInAMinuteMeanThatTheNameIsTaken() {
    // When: the third comes after more than a minute, the fourth with the second within one
    fence(Duration.ZERO);
    fence(Duration.ofSeconds(30));
    fence(Duration.ofSeconds(30).plusNanos(1));
    List<String> before = List.copyOf(namesTaken);
    fence(Duration.ofSeconds(29));

    // Then
    assertThat(before).isEmpty();
    assertThat(namesTaken).containsExactly("worker");

    // When: it takes three more
    fence(Duration.ofSeconds(1));
    fence(Duration.ofSeconds(1));
    before = List.copyOf(namesTaken);
    fence(Duration.ofSeconds(1));

    // Then
    assertThat(before).hasSize(1);
    assertThat(namesTaken).hasSize(2);
  }

  @Test
  void aFencingIsRecognisedAsACauseAndAnyOtherFailureIsNone() {
    // When
    for (RuntimeException why :
        List.of(
            new KafkaException("wrapped", new ProducerFencedException("other")),
            new InvalidProducerEpochException("other"),
            new KafkaException("wrapped", new InvalidProducerEpochException("other")))) {
      fail(why);
    }

    // Then
    assertThat(namesTaken).hasSize(1);
    for (int i = 0; i < 5; i++) {
      fail(new TimeoutException("slow"));
    }
    assertThat(namesTaken).hasSize(1);
  }

  private void fence(Duration later) {
    now.addAndGet(later.toNanos());
    fail(new ProducerFencedException("other"));
  }

  private void fail(RuntimeException why) {
    failures.clear();
    assertThat(transactions.ready()).isTrue();
    failures.put("commitTransaction", why);
    assertThat(commit()).isEqualTo(Result.IN_DOUBT);
  }

  @Test
  void closesItsProducerOnce() {
    // Given
    transactions.close();
    assertThat(transactions.ready()).isTrue();

    // When
    transactions.close();
    transactions.close();

    // Then
    assertThat(calls).containsExactly("new", "initTransactions", "close PT5S");
  }
}
