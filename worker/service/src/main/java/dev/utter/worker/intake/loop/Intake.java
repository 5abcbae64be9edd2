package dev.utter.worker.intake.loop;

import static java.util.Objects.requireNonNull;

import dev.utter.worker.failure.FailureText;
import dev.utter.worker.failure.WorkerBrokenException;
import dev.utter.worker.intake.CommandQueue;
import dev.utter.worker.intake.DeliveryHandler;
import dev.utter.worker.intake.IntakeListener;
import dev.utter.worker.intake.IntakeSettings;
import dev.utter.worker.intake.group.GroupConsumer;
import dev.utter.worker.intake.group.IntakeClients;
import dev.utter.worker.intake.group.KafkaProperties;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes records from the lanes, hands them to a {@link DeliveryHandler} and publishes their
 * outcomes. Guarantees:
 *
 * <ul>
 *   <li>an outcome becomes visible exactly once, in the transaction that also marks the record as
 *       finished, whatever happens to this or any other worker;
 *   <li>a start marker is committed before work begins, so a record that kills the process is
 *       counted;
 *   <li>no more records are held of a lane than its window;
 *   <li>the interrupted attempt of a handed-over record does not count.
 * </ul>
 *
 * <p>One thread, named {@code utter-intake}, owns the consumer, the producer and all bookkeeping.
 */
public final class Intake implements AutoCloseable {
  private static final Logger LOGGER = LoggerFactory.getLogger(Intake.class);

  private final IntakeSettings settings;
  private final int window;
  private final DeliveryHandler handler;
  private final IntakeListener listener;
  private final LongSupplier nanos;
  private final Supplier<Producer<byte[], byte[]>> producers;
  private final Opening opening;
  private final CompletableFuture<Void> terminated = new CompletableFuture<>();
  private final AtomicReference<WorkerBrokenException> broken = new AtomicReference<>();
  private final AtomicBoolean started = new AtomicBoolean();
  private final Thread thread = new Thread(this::run, "utter-intake");
  private final AtomicReference<CommandQueue> commands = new AtomicReference<>();
  private final CountDownLatch stopRequested = new CountDownLatch(1);
  private final IntakeState state = new IntakeState();

  /** Time of the loop's last iteration, by the ticker; empty before the first. */
  private volatile OptionalLong lastIteration = OptionalLong.empty();

  /** Until when a stop waits for running work, by the ticker; empty while nothing limits it. */
  private final AtomicReference<OptionalLong> waitUntil =
      new AtomicReference<>(OptionalLong.empty());

  private volatile int unfinished;

  /** Makes the consumer and the admin client; see {@link IntakeClients#open}. */
  interface Opening {
    IntakeClients open(IntakeSettings settings)
        throws IntakeClients.NotYetException, InterruptedException;
  }

  /**
   * An intake that has not {@linkplain #start() started}.
   *
   * @param slots utterances that the engine generates at a time
   */
  public Intake(
      IntakeSettings settings, int slots, DeliveryHandler handler, IntakeListener listener) {
    this(
        settings,
        slots,
        handler,
        listener,
        System::nanoTime,
        () -> new KafkaProducer<>(KafkaProperties.producer(settings)));
  }

  /** With a given ticker in nanoseconds and given producers. */
  Intake(
      IntakeSettings settings,
      int slots,
      DeliveryHandler handler,
      IntakeListener listener,
      LongSupplier nanos,
      Supplier<Producer<byte[], byte[]>> producers) {
    this(settings, slots, handler, listener, nanos, producers, IntakeClients::open);
  }

  /** With given clients as well. */
  Intake(
      IntakeSettings settings,
      int slots,
      DeliveryHandler handler,
      IntakeListener listener,
      LongSupplier nanos,
      Supplier<Producer<byte[], byte[]>> producers,
      Opening opening) {
    this.producers = requireNonNull(producers, "producers is null");
    this.opening = requireNonNull(opening, "opening is null");
    this.settings = requireNonNull(settings, "settings is null");
    this.handler = requireNonNull(handler, "handler is null");
    this.listener = requireNonNull(listener, "listener is null");
    this.nanos = requireNonNull(nanos, "nanos is null");
    window = settings.windowFor(slots);
  }

  /**
   * Starts taking records.
   *
   * @throws IllegalStateException on a second call
   */
  public void start() {
    if (!started.compareAndSet(false, true)) {
      throw new IllegalStateException("the intake was started before");
    }
    thread.start();
  }

  /** Completes when the intake has ended; exceptionally if the worker is broken. */
  public CompletableFuture<Void> terminated() {
    return terminated.copy();
  }

  /**
   * What the intake waits for: the brokers, its transactional producer, an operator's decision
   * about refused partitions, or partitions that are not taken over yet (its first ones, or others
   * for more than a second). Empty if it works.
   */
  public Optional<String> waitingFor() {
    return state.waitingFor();
  }

  /**
   * Time since the loop's last iteration; a long time means that it hangs. Empty before the first
   * iteration and after the last. Changes of the system clock do not affect it.
   */
  public Optional<Duration> sinceLastIteration() {
    OptionalLong last = lastIteration;
    return last.isPresent()
        ? Optional.of(Duration.ofNanos(Math.max(0, nanos.getAsLong() - last.getAsLong())))
        : Optional.empty();
  }

  /**
   * Ends the intake because the worker is broken. Nothing more is committed: work in progress may
   * be the reason, so its attempt counts.
   */
  public void fail(WorkerBrokenException why) {
    broken.compareAndSet(null, why);
    wake();
  }

  /** Asks for a graceful stop without waiting for it. */
  public void stop() {
    stop(settings.stopGrace());
  }

  private void stop(Duration grace) {
    long end = nanos.getAsLong() + grace.toNanos();
    waitUntil.updateAndGet(
        known -> known.isPresent() && known.getAsLong() - end < 0 ? known : OptionalLong.of(end));
    stopRequested.countDown();
    wake();
  }

  /**
   * Takes no more records, waits for running work however long it takes, publishes what is finished
   * and hands over the rest. Returns when that is done, or when a stop has ended it.
   */
  public void drain() {
    stopRequested.countDown();
    wake();
    awaitEnd();
  }

  /** Records that a stop or a drain still waits for; 0 before it. */
  public int unfinished() {
    return unfinished;
  }

  /**
   * Stops gracefully: takes no more records, waits for running work at most as long as the settings
   * say, publishes what is finished and hands over the rest. Returns when that is done.
   */
  @Override
  public void close() {
    close(settings.stopGrace());
  }

  /** Stops gracefully, with this much time for running work if the settings do not give less. */
  public void close(Duration grace) {
    stop(grace.compareTo(settings.stopGrace()) < 0 ? grace : settings.stopGrace());
    awaitEnd();
  }

  private void awaitEnd() {
    if (!started.get()) {
      return;
    }
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void wake() {
    CommandQueue queue = commands.get();
    if (queue != null) {
      queue.wake();
    }
  }

  private void run() {
    try {
      Optional<IntakeClients> opened = open();
      if (opened.isPresent()) {
        try (IntakeClients clients = opened.get()) {
          run(clients);
        }
      }
      terminated.complete(null);
    } catch (RuntimeException | Error e) {
      LOGGER.atError().setCause(e).log("Intake ended: the worker is broken");
      terminated.completeExceptionally(e);
    } finally {
      lastIteration = OptionalLong.empty();
    }
  }

  /** Waits for the brokers; empty if the intake was stopped before they answered. */
  private Optional<IntakeClients> open() {
    try {
      while (stopRequested.getCount() > 0) {
        failIfBroken();
        try {
          return Optional.of(opening.open(settings));
        } catch (IntakeClients.NotYetException e) {
          state.waiting(FailureText.of(e));
          LOGGER.atWarn().addKeyValue("reason", e.getMessage()).log("Intake cannot begin yet");
          stopRequested.await(1, TimeUnit.SECONDS);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return Optional.empty();
  }

  private void run(IntakeClients clients) {
    CommandQueue queue = new CommandQueue(clients.consumer()::wakeup);
    commands.set(queue);
    try (Transactions transactions = new Transactions(producers, settings, listener, nanos);
        GroupConsumer consumer =
            new GroupConsumer(clients.consumer(), queue, settings.brokerTimeout())) {
      run(
          new IntakeLoop(
              settings,
              window,
              handler,
              listener,
              nanos,
              queue,
              consumer,
              transactions,
              clients,
              state));
    }
  }

  private void run(IntakeLoop loop) {
    try {
      loop.begin();
      state.began();
      while (stopRequested.getCount() > 0) {
        iterate(loop);
      }
      loop.beginStop();
      while (!loop.idle() && !isOutOfTime()) {
        unfinished = loop.unfinished();
        iterate(loop);
      }
      loop.handOver();
      unfinished = 0;
    } catch (RuntimeException | Error e) {
      loop.abandon();
      throw e;
    }
  }

  private boolean isOutOfTime() {
    OptionalLong end = requireNonNull(waitUntil.get());
    return end.isPresent() && nanos.getAsLong() - end.getAsLong() >= 0;
  }

  private void failIfBroken() {
    WorkerBrokenException why = broken.get();
    if (why != null) {
      throw why;
    }
  }

  private void iterate(IntakeLoop loop) {
    failIfBroken();
    loop.iterate();
    lastIteration = OptionalLong.of(nanos.getAsLong());
  }
}
