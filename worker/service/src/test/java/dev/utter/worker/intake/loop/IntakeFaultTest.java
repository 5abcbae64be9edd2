package dev.utter.worker.intake.loop;

import static dev.utter.worker.intake.loop.IntakeRig.PATIENCE;
import static dev.utter.worker.intake.loop.IntakeRig.numbered;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.utter.embedded.EmbeddedStack;
import dev.utter.embedded.EmbeddedStackSettings;
import dev.utter.embedded.SharedStack;
import dev.utter.worker.intake.DeadLetter;
import dev.utter.worker.intake.IntakeListener;
import dev.utter.worker.intake.IntakeSettings;
import dev.utter.worker.intake.Outcome;
import dev.utter.worker.intake.group.KafkaProperties;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.TimeoutException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The intake when the broker's answers get lost, when it goes away, and when it refuses sizes. */
@Tag("integration")
class IntakeFaultTest {

  @ParameterizedTest
  @CsvSource({"true, true", "true, false", "false, true", "false, false"})
  void publishesOnceThoughTheAnswersToCommitsGetLost(
      boolean committedBeforeTheLoss, boolean ofOutcomes) {
    try (IntakeRig rig = new IntakeRig(SharedStack.get(), 2)) {
      // Given
      IntakeSettings settings = rig.settings("a", 32, Map.of());
      AtomicInteger losses = new AtomicInteger(3);
      List<String> values = numbered("r", 30);

      // When
      TestingWorker worker =
          rig.add(
              new TestingWorker(
                  settings,
                  rig.outcomes,
                  System::nanoTime,
                  losing(settings, losses, committedBeforeTheLoss, ofOutcomes)));
      // In waves, so that there are at least as many transactions as answers to lose.
      for (int end = 10; end <= 30; end += 10) {
        rig.publish(rig.bulk, values.subList(end - 10, end));
        int finished = end;
        await().atMost(PATIENCE).until(() -> worker.committed.size() == finished);
      }

      // Then
      assertThat(rig.visible()).containsExactlyInAnyOrderElementsOf(values);
      assertThat(worker.committed.values()).containsOnly(1);
      assertThat(worker.started).hasSize(30);
      assertThat(worker.taken.values()).allMatch(delivery -> delivery.starts() == 1);
      assertThat(worker.failedTransactions).hasValue(3);
    }
  }

  @Test
  void losesNothingWhileTheBrokerIsAway() {
    try (EmbeddedStack stack = EmbeddedStack.start(EmbeddedStackSettings.temporary());
        IntakeRig rig = new IntakeRig(stack, 2)) {
      // Given
      List<String> values = numbered("r", 30);
      rig.publish(rig.bulk, values);
      TestingWorker worker = rig.worker("a").holding(value -> true);
      await().atMost(PATIENCE).until(() -> worker.started.size() >= 20);

      // When
      stack.stopBroker();
      values.stream().filter(worker.started::containsKey).forEach(worker::finish);
      await().atMost(PATIENCE).until(() -> worker.failedTransactions.get() > 0);
      stack.startBroker();

      // Then
      worker.holding(value -> false);
      await()
          .atMost(PATIENCE)
          .until(
              () -> {
                values.stream()
                    .filter(worker.started::containsKey)
                    .filter(value -> !worker.committed.containsKey(value))
                    .forEach(worker::finish);
                return worker.committed.size() == 30;
              });
      assertThat(rig.visible()).containsExactlyInAnyOrderElementsOf(values);
    }
  }

  @Test
  void leavesTheValueOutOfADeadLetterThatTheBrokerWouldNotTake() {
    try (IntakeRig rig = new IntakeRig(SharedStack.get(), 2)) {
      // Given
      String large = "x".repeat(1_048_400);
      rig.publish(rig.bulk, "small");
      try (Producer<byte[], byte[]> producer =
          rig.producer(Map.of("max.request.size", "2000000"))) {
        producer.send(
            new org.apache.kafka.clients.producer.ProducerRecord<>(
                rig.bulk, null, IntakeRig.bytes(large)));
      }
      TestingWorker worker = rig.worker("a").holding(value -> value.equals(large));
      await().atMost(PATIENCE).until(() -> worker.started.containsKey(large));
      ConsumerRecord<byte[], byte[]> record = worker.taken.get(large).record();

      // When
      worker
          .taken
          .get(large)
          .finish(
              new Outcome(
                  "undecodable",
                  List.of(DeadLetter.of(rig.outcomes, record, "UNDECODABLE", "w".repeat(900)))));

      // Then
      await().atMost(PATIENCE).until(() -> worker.committed.size() == 2);
      ConsumerRecord<byte[], byte[]> letter =
          rig.visibleRecords().stream()
              .filter(seen -> seen.headers().lastHeader(DeadLetter.REASON) != null)
              .findFirst()
              .orElseThrow();
      assertThat(letter.value()).isNull();
      assertThat(new String(letter.headers().lastHeader(DeadLetter.OMITTED).value(), UTF_8))
          .isEqualTo("1048400 bytes");
      assertThat(worker.failedTransactions).hasPositiveValue();
      assertThat(worker.deadLetters).containsExactly(rig.bulk);
    }
  }

  @Test
  void waitsForABrokerWhoseNameCannotBeResolvedYet() {
    try (IntakeRig rig = new IntakeRig(SharedStack.get(), 2)) {
      // Given
      IntakeSettings settings = rig.settings("a", 32, Map.of());
      Map<String, Object> unresolvable = new HashMap<>(KafkaProperties.producer(settings));
      unresolvable.put("bootstrap.servers", "nowhere.invalid:9092");
      AtomicInteger failures = new AtomicInteger(2);
      rig.publish(rig.bulk, "patient");

      // When
      TestingWorker worker =
          rig.add(
              new TestingWorker(
                  settings,
                  rig.outcomes,
                  System::nanoTime,
                  () ->
                      new KafkaProducer<>(
                          failures.getAndDecrement() > 0
                              ? unresolvable
                              : KafkaProperties.producer(settings))));

      // Then
      await().atMost(PATIENCE).until(() -> worker.committed.containsKey("patient"));
      assertThat(failures).hasNegativeValue();
    }
  }

  @Test
  void reportsAnotherLiveWorkerOfTheSameName() {
    try (IntakeRig rig = new IntakeRig(SharedStack.get(), 2)) {
      // Given
      TestingWorker one = rig.worker(rig.settings("same", 32, Map.of()));
      TestingWorker other = rig.worker(rig.settings("same", 32, Map.of()));
      List<String> values = new ArrayList<>();

      // When
      await()
          .atMost(PATIENCE)
          .until(
              () -> {
                String value = "r" + values.size();
                values.add(value);
                rig.publish(rig.bulk, value);
                return !one.namesTaken.isEmpty() || !other.namesTaken.isEmpty();
              });

      // Then
      assertThat(Stream.of(one, other).flatMap(worker -> worker.namesTaken.stream()))
          .containsOnly("same-" + rig.group);
      await()
          .atMost(PATIENCE)
          .until(() -> one.committed.size() + other.committed.size() == values.size());
      assertThat(rig.visible()).containsExactlyInAnyOrderElementsOf(values);
    }
  }

  @Test
  void takesTransactionsThatTheBrokerTimedOutForNoOtherWorker() {
    // Given
    AtomicLong now = new AtomicLong();
    List<String> reports = new ArrayList<>();
    Supplier<Producer<byte[], byte[]>> slow =
        () ->
            proxied(
                (method, arguments) -> {
                  if (method.getName().equals("commitTransaction")) {
                    now.addAndGet(Duration.ofSeconds(16).toNanos());
                    throw new ProducerFencedException("epoch is old");
                  }
                  return null;
                });
    IntakeSettings settings = IntakeSettings.defaults("slow", Map.of());
    Transactions transactions =
        new Transactions(
            slow,
            settings,
            new IntakeListener() {
              @Override
              public void nameTaken(String transactionalId) {
                reports.add(transactionalId);
              }
            },
            now::get);

    // When
    for (int i = 0; i < 20; i++) {
      assertThat(transactions.ready()).isTrue();
      assertThat(transactions.commit(List.of(), Map.of(), null))
          .isEqualTo(Transactions.Result.IN_DOUBT);
    }

    // Then
    assertThat(reports).isEmpty();
  }

  /** Real producers whose first commits end in a time-out, before or after they took place. */
  private static Supplier<Producer<byte[], byte[]>> losing(
      IntakeSettings settings, AtomicInteger losses, boolean committed, boolean ofOutcomes) {
    return () -> {
      Producer<byte[], byte[]> real = new KafkaProducer<>(KafkaProperties.producer(settings));
      AtomicBoolean sent = new AtomicBoolean();
      return proxied(
          (method, arguments) -> {
            switch (method.getName()) {
              case "beginTransaction" -> sent.set(false);
              case "send" -> sent.set(true);
              default -> {}
            }
            boolean lost =
                method.getName().equals("commitTransaction")
                    && sent.get() == ofOutcomes
                    && losses.getAndDecrement() > 0;
            Object result = lost && !committed ? null : method.invoke(real, arguments);
            if (lost) {
              throw new TimeoutException("the answer got lost");
            }
            return result;
          });
    };
  }

  interface Call {
    Object run(Method method, Object[] arguments) throws ReflectiveOperationException;
  }

  @SuppressWarnings("unchecked")
  static Producer<byte[], byte[]> proxied(Call call) {
    return (Producer<byte[], byte[]>)
        Proxy.newProxyInstance(
            Producer.class.getClassLoader(),
            new Class<?>[] {Producer.class},
            (proxy, method, arguments) -> {
              try {
                return call.run(method, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }
}
