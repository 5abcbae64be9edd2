package dev.utter.worker.decoding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.utter.worker.failure.RetryLaterException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class MemoryBudgetTest {
  private static final int KIB = 1024;

  private final MemoryBudget budget = new MemoryBudget(100 * KIB);

  @Test
  void neverMoreIsInUseThanThereIs() {
    // Given
    AtomicLong used = new AtomicLong();
    AtomicLong highest = new AtomicLong();
    List<CompletableFuture<Void>> works = new ArrayList<>();

    // When
    for (int i = 0; i < 200; i++) {
      long bytes = (1 + i % 70) * (long) KIB;
      works.add(
          CompletableFuture.runAsync(
              () ->
                  budget.with(
                      bytes,
                      () -> {
                        highest.accumulateAndGet(used.addAndGet(bytes), Math::max);
                        Thread.yield();
                        return used.addAndGet(-bytes);
                      }),
              task -> new Thread(task).start()));
    }
    works.forEach(CompletableFuture::join);

    // Then
    assertThat(highest.get()).isPositive().isLessThanOrEqualTo(100 * KIB);
    assertThat(budget.freeBytes()).isEqualTo(100 * KIB);
  }

  @Test
  void workThatMayNeedMoreThanThereIsRunsAlone() {
    assertThat(budget.<Long>with(5_000L * KIB, budget::freeBytes)).isZero();
    assertThat(budget.freeBytes()).isEqualTo(100 * KIB);
  }

  @Test
  void failedWorkGivesItsMemoryBack() {
    assertThatThrownBy(
            () ->
                budget.with(
                    60 * KIB,
                    () -> {
                      throw new IllegalStateException("broken file");
                    }))
        .hasMessage("broken file");
    assertThat(budget.freeBytes()).isEqualTo(100 * KIB);
  }

  @Test
  void smallRequestsDoNotOvertakeALargeOne() throws Exception {
    // Given
    CountDownLatch end = new CountDownLatch(1);
    List<String> order = new CopyOnWriteArrayList<>();
    Thread holder = begin(60, "holder", order, end);
    await().until(() -> budget.freeBytes() == 40 * KIB);
    Thread large = begin(80, "large", order, new CountDownLatch(0));
    await().until(() -> large.getState() == Thread.State.WAITING);

    // When
    Thread small = begin(30, "small", order, new CountDownLatch(0));
    await().until(() -> small.getState() == Thread.State.WAITING);
    end.countDown();
    for (Thread thread : List.of(holder, large, small)) {
      thread.join();
    }

    // Then
    assertThat(order).containsExactly("holder", "large", "small");
  }

  @Test
  void aWaitCanBeInterrupted() throws Exception {
    // Given
    CountDownLatch end = new CountDownLatch(1);
    Thread holder = begin(100, "holder", new CopyOnWriteArrayList<>(), end);
    await().until(() -> budget.freeBytes() == 0);
    CompletableFuture<Throwable> failure = new CompletableFuture<>();
    Thread waiting =
        new Thread(
            () -> {
              try {
                budget.with(KIB, () -> failure.complete(null));
              } catch (RetryLaterException e) {
                failure.complete(e);
              }
            });
    waiting.start();
    await().until(() -> waiting.getState() == Thread.State.WAITING);

    // When
    waiting.interrupt();

    // Then
    assertThat(failure.get()).isInstanceOf(RetryLaterException.class);
    end.countDown();
    holder.join();
    assertThat(budget.freeBytes()).isEqualTo(100 * KIB);
  }

  private Thread begin(int kib, String name, List<String> order, CountDownLatch end) {
    Thread thread =
        new Thread(
            () ->
                budget.with(
                    kib * (long) KIB,
                    () -> {
                      order.add(name);
                      try {
                        end.await();
                      } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                      }
                      return order;
                    }));
    thread.start();
    return thread;
  }
}
