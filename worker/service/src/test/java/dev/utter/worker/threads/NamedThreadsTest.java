package dev.utter.worker.threads;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

class NamedThreadsTest {
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  @Test
  void threadsAreNumbered() {
    // Given
    NamedThreads threads = NamedThreads.of("some");

    // Then
    assertThat(threads.newThread(() -> {}).getName()).isEqualTo("some-1");
    assertThat(threads.newThread(() -> {}).getName()).isEqualTo("some-2");
    assertThat(threads.newThread(() -> {}).isDaemon()).isFalse();
    assertThat(NamedThreads.daemons("other").newThread(() -> {}).isDaemon()).isTrue();
  }

  @Test
  void afterTheWaitNoThreadOfAnExecutorIsLeft() {
    // Given
    NamedThreads threads = NamedThreads.of("left");
    ExecutorService executor = Executors.newFixedThreadPool(4, threads);
    for (int i = 0; i < 100; i++) {
      executor.execute(() -> {});
    }

    // When
    executor.shutdown();

    // Then
    assertThat(threads.join(PATIENCE)).isTrue();
    assertThat(Thread.getAllStackTraces().keySet())
        .noneMatch(thread -> thread.getName().startsWith("left-"));
  }

  @Test
  void aThreadThatOutlastsThePatienceIsReported() {
    // Given
    CountDownLatch end = new CountDownLatch(1);
    NamedThreads threads = NamedThreads.of("slow");
    threads.newThread(() -> awaitUninterrupted(end)).start();

    // Then
    assertThat(threads.join(Duration.ofMillis(1))).isFalse();
    end.countDown();
    assertThat(threads.join(PATIENCE)).isTrue();
  }

  @Test
  void aThreadDoesNotWaitForItself() {
    // Given
    NamedThreads threads = NamedThreads.of("self");

    // When
    threads.newThread(() -> threads.join(Duration.ofDays(1))).start();

    // Then
    assertThat(threads.join(PATIENCE)).isTrue();
  }

  @Test
  void anInterruptionEndsTheWaitAndKeepsItsFlag() {
    // Given
    CountDownLatch end = new CountDownLatch(1);
    NamedThreads threads = NamedThreads.of("slow");
    threads.newThread(() -> awaitUninterrupted(end)).start();

    // When
    Thread.currentThread().interrupt();

    // Then
    assertThat(threads.join(PATIENCE)).isFalse();
    assertThat(Thread.interrupted()).isTrue();
    end.countDown();
    assertThat(threads.join(PATIENCE)).isTrue();
  }

  private static void awaitUninterrupted(CountDownLatch end) {
    try {
      end.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException("nobody interrupts this thread", e);
    }
  }
}
