package dev.utter.worker.synthesis;

import dev.utter.speech.Urgency;
import dev.utter.worker.threads.NamedThreads;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * The threads of the synthesis beside the engine's own. Their queues are bounded by the intake's
 * windows: each job waits in one of them at most; the more urgent goes first. After {@link #close}
 * new work is let fall, since nobody owns it any more.
 */
final class Pools implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final UrgentPool context;
  private final UrgentPool encoding;
  private final UrgentPool generation;
  private final UrgentPool finishing;
  private final NamedThreads timers = NamedThreads.of("utter-timer");
  private final ScheduledExecutorService timer;

  /** The threads of settings that are {@linkplain SynthesisSettings#sizedFor sized}. */
  Pools(SynthesisSettings settings) {
    context = new UrgentPool(settings.contextThreads(), "utter-context");
    encoding = new UrgentPool(settings.encodingThreads(), "utter-encoding");
    generation = new UrgentPool(1, "utter-generation");
    finishing = new UrgentPool(settings.finishingThreads(), "utter-finishing");
    timer = Executors.newSingleThreadScheduledExecutor(timers);
  }

  /** For what waits for the network. */
  Executor context(Urgency urgency) {
    return lenient(context.of(urgency));
  }

  /** For context audio on its way to codes. */
  Executor encoding(Urgency urgency) {
    return lenient(encoding.of(urgency));
  }

  /** For what goes into the engine and comes out of it; nothing here takes long. */
  Executor generation(Urgency urgency) {
    return lenient(generation.of(urgency));
  }

  /** For clips on their way to the store. */
  Executor finishing(Urgency urgency) {
    return lenient(finishing.of(urgency));
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

  @Override
  public void close() {
    List<UrgentPool> pools = List.of(encoding, generation, context, finishing);
    timer.shutdownNow();
    pools.forEach(UrgentPool::shutdown);
    pools.forEach(pool -> pool.end(PATIENCE));
    timers.join(PATIENCE);
  }
}
