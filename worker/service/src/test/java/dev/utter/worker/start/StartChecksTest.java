package dev.utter.worker.start;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.utter.worker.failure.RetryLaterException;
import dev.utter.worker.failure.WorkerBrokenException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class StartChecksTest {
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private final StartChecks checks = new StartChecks(Duration.ofMillis(1));
  private final List<String> tried = new CopyOnWriteArrayList<>();

  @Test
  void checksAreTriedInOrderAndOnlyThoseThatFailedAgain() {
    // Given
    checks.add("first", failing("first", 2));
    checks.add("second", failing("second", 0));
    checks.add("third", failing("third", 1));

    // When
    checks.run();

    // Then
    assertThat(tried).containsExactly("first", "second", "third", "first", "third", "first");
    assertThat(checks.waiting().values()).allMatch(Optional::isEmpty);
  }

  @Test
  void everythingThatIsMissingIsNamedWhileItWaits() {
    // Given
    checks.add("kafka", failing("kafka", Integer.MAX_VALUE));
    checks.add("decoder", failing("decoder", 0));
    checks.add("storage", failing("storage", Integer.MAX_VALUE));
    assertThat(checks.waiting().get("kafka")).contains("not tried yet");

    // When
    CompletableFuture<Void> run = CompletableFuture.runAsync(checks::run);
    await().atMost(PATIENCE).until(() -> tried.stream().filter("kafka"::equals).count() > 2);

    // Then
    assertThat(checks.waiting())
        .containsEntry("kafka", Optional.of("kafka is away"))
        .containsEntry("decoder", Optional.empty())
        .containsEntry("storage", Optional.of("storage is away"));
    assertThat(run).isNotDone();
    checks.stop();
    assertThatThrownBy(run::join).hasCauseInstanceOf(CancellationException.class);
  }

  @Test
  void aFaultThatWaitingCannotCureEndsTheRun() {
    // Given
    checks.add(
        "topics",
        () -> {
          throw new WorkerBrokenException("the topics do not fit each other");
        });
    checks.add("storage", failing("storage", 0));

    // Then
    assertThatThrownBy(checks::run)
        .isInstanceOf(WorkerBrokenException.class)
        .hasMessage("the topics do not fit each other");
    assertThat(tried).isEmpty();
  }

  @Test
  void aStopDoesNotWaitForACheckThatHangs() throws InterruptedException {
    // Given
    CountDownLatch hanging = new CountDownLatch(1);
    CountDownLatch interrupted = new CountDownLatch(1);
    checks.add(
        "hanging",
        () -> {
          hanging.countDown();
          try {
            new CountDownLatch(1).await();
          } catch (InterruptedException e) {
            interrupted.countDown();
          }
        });
    CompletableFuture<Void> run = CompletableFuture.runAsync(checks::run);
    hanging.await();

    // When
    checks.stop();

    // Then
    assertThatThrownBy(run::join).hasCauseInstanceOf(CancellationException.class);
    interrupted.await();
  }

  private Runnable failing(String name, int times) {
    return new Runnable() {
      private int failures;

      @Override
      public void run() {
        tried.add(name);
        if (failures < times) {
          failures++;
          throw new RetryLaterException(name + " is away", null);
        }
      }
    };
  }
}
