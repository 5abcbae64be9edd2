package dev.utter.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

class StoppingTest {
  private static final Duration LONG = Duration.ofMinutes(1);

  private final Exception failure = new Exception("the worker did not stop cleanly");
  private final CountDownLatch never = new CountDownLatch(1);

  @Test
  void partsAreClosedBesideEachOther() {
    // Given
    CountDownLatch both = new CountDownLatch(2);
    Predicate<Duration> meets =
        limit -> {
          both.countDown();
          awaitUninterrupted(both);
          return true;
        };

    // Then
    assertThat(Stopping.close(List.of(part("a", meets), part("b", meets)), LONG, failure)).isTrue();
  }

  @Test
  void aPartThatHangsIsLeftAfterTheLimitAndTheOthersAreClosed() {
    // Given
    AtomicReference<Duration> given = new AtomicReference<>();
    Part hanging =
        part(
            "hanging",
            limit -> {
              awaitUninterrupted(never);
              return true;
            });
    Part other =
        part(
            "other",
            limit -> {
              given.set(limit);
              return true;
            });

    // When
    boolean ended = Stopping.close(List.of(hanging, other), Duration.ofMillis(200), failure);

    // Then
    assertThat(ended).isFalse();
    assertThat(given).hasValue(Duration.ofMillis(200));
    assertThat(failure.getSuppressed()).isEmpty();
  }

  @Test
  void aPartThatStillRunsIsReported() {
    assertThat(Stopping.close(List.of(part("stage", limit -> false)), LONG, failure)).isFalse();
  }

  @Test
  void theExceptionOfAPartIsKept() {
    // Given
    Part failing =
        part(
            "failing",
            limit -> {
              throw new IllegalStateException("no");
            });

    // Then
    assertThat(Stopping.close(List.of(failing), LONG, failure)).isFalse();
    assertThat(failure.getSuppressed()).singleElement().extracting("message").isEqualTo("no");
  }

  private static void awaitUninterrupted(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static Part part(String name, Predicate<Duration> close) {
    return new Part() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public void start() {}

      @Override
      public Optional<String> waitingFor() {
        return Optional.empty();
      }

      @Override
      public boolean close(Duration limit) {
        return close.test(limit);
      }
    };
  }
}
