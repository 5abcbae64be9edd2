package dev.utter.worker.synthesis;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The threads of the synthesis. Their queues are bounded by the intake's windows: each job waits in
 * one of them at most. After {@link #close} new work is let fall, since nobody owns it any more.
 */
final class Pools implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final ExecutorService context;
  private final ExecutorService engine;
  private final ExecutorService finishing;
  private final ScheduledExecutorService timer;

  Pools(SynthesisSettings settings) {
    context = Executors.newFixedThreadPool(settings.contextThreads(), named("utter-context"));
    engine = Executors.newSingleThreadExecutor(named("utter-engine"));
    finishing = Executors.newFixedThreadPool(settings.finishingThreads(), named("utter-finishing"));
    timer = Executors.newSingleThreadScheduledExecutor(named("utter-timer"));
  }

  Executor context() {
    return lenient(context);
  }

  Executor engine() {
    return lenient(engine);
  }

  Executor finishing() {
    return lenient(finishing);
  }

  void after(Duration pause, Runnable task) {
    lenient(command -> timer.schedule(command, pause.toMillis(), TimeUnit.MILLISECONDS))
        .execute(task);
  }

  void every(Duration period, Runnable task) {
    timer.scheduleWithFixedDelay(task, period.toMillis(), period.toMillis(), TimeUnit.MILLISECONDS);
  }

  private static Executor lenient(Executor executor) {
    return task -> {
      try {
        executor.execute(task);
      } catch (RejectedExecutionException e) {
        // Closed: every job was dropped before.
      }
    };
  }

  private static ThreadFactory named(String name) {
    AtomicInteger count = new AtomicInteger();
    return task -> new Thread(task, name + "-" + count.incrementAndGet());
  }

  @Override
  public void close() {
    List<ExecutorService> all = List.of(timer, engine, context, finishing);
    timer.shutdownNow();
    all.forEach(ExecutorService::shutdown);
    try {
      for (ExecutorService pool : all) {
        if (!pool.awaitTermination(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
          pool.shutdownNow();
        }
      }
    } catch (InterruptedException e) {
      all.forEach(ExecutorService::shutdownNow);
      Thread.currentThread().interrupt();
    }
  }
}
