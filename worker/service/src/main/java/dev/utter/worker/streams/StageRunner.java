package dev.utter.worker.streams;

import static java.util.Objects.requireNonNull;

import dev.utter.worker.failure.RetryLaterException;
import dev.utter.worker.failure.WorkerBrokenException;
import java.time.Clock;
import java.time.Duration;
import java.util.Properties;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.errors.MissingSourceTopicException;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs one stage. A thread that fails because something is down is replaced as often as it takes;
 * one that fails otherwise is replaced a few times, and then the stage is broken.
 *
 * <p>Threading: start and close from one thread; the rest from any.
 */
public final class StageRunner implements AutoCloseable {
  private static final Logger LOGGER = LoggerFactory.getLogger(StageRunner.class);
  private static final int REPLACEMENTS = 20;
  private static final Duration REPLACEMENT_WINDOW = Duration.ofMinutes(10);

  private final Stage stage;
  private final KafkaStreams streams;
  private final Pause pause;
  private final Duration closeTimeout;
  private final Consumer<WorkerBrokenException> broken;
  private final ReplacementBudget budget;

  /**
   * A runner that has not started.
   *
   * @param stage closed with the runner
   * @param properties of Kafka Streams, see {@link StreamsProperties}
   * @param pause what the stage's handlers wait on; ended when the runner closes
   * @param closeTimeout how long a close may take
   * @param broken told when the stage cannot go on
   */
  public StageRunner(
      Stage stage,
      Properties properties,
      Pause pause,
      Duration closeTimeout,
      Clock clock,
      Consumer<WorkerBrokenException> broken) {
    this.stage = requireNonNull(stage, "stage is null");
    this.pause = requireNonNull(pause, "pause is null");
    this.closeTimeout = requireNonNull(closeTimeout, "closeTimeout is null");
    this.broken = requireNonNull(broken, "broken is null");
    budget = new ReplacementBudget(REPLACEMENTS, REPLACEMENT_WINDOW, clock);
    streams = new KafkaStreams(stage.topology(), properties);
    streams.setUncaughtExceptionHandler(this::onUncaught);
    streams.setStateListener(this::onState);
  }

  /** Name of the stage. */
  public String name() {
    return stage.name();
  }

  /** Starts; returns before the stage runs. */
  public void start() {
    streams.start();
  }

  /** Whether the stage has its partitions and its state, and works. */
  public boolean isRunning() {
    return streams.state() == KafkaStreams.State.RUNNING;
  }

  /** The client behind it, for metrics. */
  public KafkaStreams streams() {
    return streams;
  }

  /** Commits what is done and stops. */
  @Override
  public void close() {
    pause.close();
    if (!streams.close(closeTimeout)) {
      LOGGER.atWarn().addKeyValue("stage", stage.name()).log("Stage did not stop in time");
    }
    stage.close();
  }

  private StreamThreadExceptionResponse onUncaught(Throwable failure) {
    if (has(failure, RetryLaterException.class)) {
      log("Something the stage needs is down; its thread starts over", failure);
      return StreamThreadExceptionResponse.REPLACE_THREAD;
    }
    boolean fatal =
        has(failure, WorkerBrokenException.class)
            || has(failure, MissingSourceTopicException.class)
            || has(failure, Error.class);
    if (!fatal && budget.take()) {
      log("A thread of the stage failed and is replaced", failure);
      return StreamThreadExceptionResponse.REPLACE_THREAD;
    }
    broken.accept(
        new WorkerBrokenException(
            "stage " + stage.name() + " cannot go on: " + root(failure), failure));
    return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
  }

  private void onState(KafkaStreams.State now, KafkaStreams.State before) {
    LOGGER
        .atInfo()
        .addKeyValue("stage", stage.name())
        .addKeyValue("state", now)
        .log("Stage changed state");
    if (now == KafkaStreams.State.ERROR) {
      broken.accept(new WorkerBrokenException("stage " + stage.name() + " ended in an error"));
    }
  }

  private void log(String message, Throwable failure) {
    LOGGER
        .atWarn()
        .addKeyValue("stage", stage.name())
        .addKeyValue("error", String.valueOf(root(failure)))
        .setCause(failure)
        .log(message);
  }

  private static boolean has(Throwable failure, Class<? extends Throwable> type) {
    return chain(failure).anyMatch(type::isInstance);
  }

  private static Throwable root(Throwable failure) {
    return chain(failure).reduce((outer, inner) -> inner).orElse(failure);
  }

  private static Stream<Throwable> chain(Throwable failure) {
    return Stream.iterate(failure, e -> e != null, Throwable::getCause).limit(20);
  }
}
