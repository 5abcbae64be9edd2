package dev.utter.worker.streams;

import static java.util.Objects.requireNonNull;

import dev.utter.worker.failure.RetryLaterException;
import dev.utter.worker.failure.WorkerBrokenException;
import dev.utter.worker.streams.commit.ThreadCommits;
import dev.utter.worker.streams.topics.TopicLimits;
import dev.utter.worker.threads.Pause;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.errors.MissingSourceTopicException;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs one stage. A thread that fails because something is down is replaced as often as necessary.
 * A thread that fails otherwise is replaced a few times, and then the stage is broken.
 *
 * <p>A stage has one thread unless {@code num.stream.threads} sets more: each has separate clients,
 * transactions and partitions, and one thread keeps up with a worker's engine.
 *
 * <p>Threading: start and close from one thread; the rest from any.
 */
public final class StageRunner implements AutoCloseable {
  private static final Logger LOGGER = LoggerFactory.getLogger(StageRunner.class);
  private static final int REPLACEMENTS = 20;
  private static final Duration REPLACEMENT_WINDOW = Duration.ofMinutes(10);
  private static final Duration LONGEST_DRAIN = Duration.ofHours(1);
  private static final Duration FAILURE_SHOWN = Duration.ofMinutes(1);
  private static final Duration MISSING_TOPIC_PAUSE = Duration.ofSeconds(1);
  private static final Duration MISSING_TOPIC_PATIENCE = Duration.ofSeconds(30);

  private final Stage stage;
  private final KafkaStreams streams;
  private final Pause pause;
  private final Duration closeTimeout;
  private final Clock clock;
  private final Consumer<WorkerBrokenException> broken;
  private final ReplacementBudget budget;
  private final TopicLimits limits;
  private final Map<String, Double> commitsAtFailure = new HashMap<>();
  private @Nullable String lastFailure;
  private @Nullable Instant missingSince;
  private Instant failedAt = Instant.MIN;

  /** A runner that has not started, of a stage whose topics have the broker's limits. */
  public StageRunner(
      Stage stage,
      Properties properties,
      Pause pause,
      Duration closeTimeout,
      Clock clock,
      Consumer<WorkerBrokenException> broken) {
    this(stage, properties, pause, closeTimeout, TopicLimits.defaults(), clock, broken);
  }

  /**
   * A runner that has not started.
   *
   * @param stage closed with the runner
   * @param properties of Kafka Streams, see {@link StreamsProperties}
   * @param pause what the stage's handlers wait on; ended when the runner closes
   * @param closeTimeout how long a close may take
   * @param limits what the stage's guard asks; read again when a topic refuses a record
   * @param broken called when the stage cannot go on
   */
  public StageRunner(
      Stage stage,
      Properties properties,
      Pause pause,
      Duration closeTimeout,
      TopicLimits limits,
      Clock clock,
      Consumer<WorkerBrokenException> broken) {
    this.stage = requireNonNull(stage, "stage is null");
    this.pause = requireNonNull(pause, "pause is null");
    this.closeTimeout = requireNonNull(closeTimeout, "closeTimeout is null");
    this.limits = requireNonNull(limits, "limits is null");
    this.clock = requireNonNull(clock, "clock is null");
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

  /**
   * Why one of its threads failed, if the stage has committed nothing since; for a minute, since a
   * stage without records has nothing to commit.
   */
  public Optional<String> lastFailure() {
    synchronized (commitsAtFailure) {
      return lastFailure == null
              || failedAt.isBefore(clock.instant().minus(FAILURE_SHOWN))
              || hasCommittedSinceFailure()
          ? Optional.empty()
          : Optional.of(lastFailure);
    }
  }

  /** The client behind it, for metrics. */
  public KafkaStreams streams() {
    return streams;
  }

  /** As {@link #close(Duration)}, within the runner's own limit. */
  @Override
  public void close() {
    close(closeTimeout);
  }

  /**
   * Commits what is done, leaves the group and stops. The other members take over at once; a member
   * that stayed in the group would hold up all of them until its session ends. A handler that waits
   * for something that is down stops waiting at once.
   *
   * @param limit how long this may take; the runner's own limit counts if it is shorter
   * @return whether no thread of the stage runs any more
   */
  public boolean close(Duration limit) {
    boolean stopped = leave(limit.compareTo(closeTimeout) < 0 ? limit : closeTimeout);
    if (!stopped) {
      LOGGER.atWarn().addKeyValue("stage", stage.name()).log("Stage did not stop in time");
    }
    stage.close();
    return stopped;
  }

  /**
   * Commits what is done and leaves the group, as {@link #close(Duration)} does, and waits for the
   * current records however long they take. A close follows.
   */
  public void drain() {
    leave(LONGEST_DRAIN);
  }

  private boolean leave(Duration limit) {
    pause.close();
    return streams.close(
        CloseOptions.timeout(limit)
            .withGroupMembershipOperation(CloseOptions.GroupMembershipOperation.LEAVE_GROUP));
  }

  private StreamThreadExceptionResponse onUncaught(Throwable failure) {
    boolean progressed = noteFailure(failure);
    if (has(failure, RetryLaterException.class)) {
      log("Something the stage needs is down; its thread starts over", failure);
      return StreamThreadExceptionResponse.REPLACE_THREAD;
    }
    if (has(failure, RecordTooLargeException.class)) {
      limits.refresh();
    }
    if (has(failure, MissingSourceTopicException.class) && mayComeBack()) {
      log("Topics of the stage are missing; its thread starts over", failure);
      pause.await(MISSING_TOPIC_PAUSE);
      return StreamThreadExceptionResponse.REPLACE_THREAD;
    }
    boolean fatal =
        has(failure, WorkerBrokenException.class)
            || has(failure, MissingSourceTopicException.class)
            || has(failure, Error.class);
    if (!fatal && budget.take(progressed)) {
      log("A thread of the stage failed and is replaced", failure);
      return StreamThreadExceptionResponse.REPLACE_THREAD;
    }
    broken.accept(
        new WorkerBrokenException(
            "stage " + stage.name() + " cannot go on: " + root(failure), failure));
    return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
  }

  /** A broker that has just started does not know its topics for a moment. */
  private boolean mayComeBack() {
    synchronized (commitsAtFailure) {
      Instant now = clock.instant();
      if (missingSince == null) {
        missingSince = now;
      }
      return now.isBefore(missingSince.plus(MISSING_TOPIC_PATIENCE));
    }
  }

  /** Keeps the failure for readiness; returns whether the stage committed since the last one. */
  private boolean noteFailure(Throwable failure) {
    synchronized (commitsAtFailure) {
      boolean progressed = hasCommittedSinceFailure();
      commitsAtFailure.clear();
      commitsAtFailure.putAll(ThreadCommits.all(streams.metrics()));
      lastFailure = String.valueOf(root(failure));
      failedAt = clock.instant();
      return progressed;
    }
  }

  private boolean hasCommittedSinceFailure() {
    return ThreadCommits.all(streams.metrics()).entrySet().stream()
        .anyMatch(
            thread -> thread.getValue() > commitsAtFailure.getOrDefault(thread.getKey(), 0.0));
  }

  private void onState(KafkaStreams.State now, KafkaStreams.State before) {
    LOGGER
        .atInfo()
        .addKeyValue("stage", stage.name())
        .addKeyValue("state", now)
        .log("Stage changed state");
    if (now == KafkaStreams.State.RUNNING) {
      synchronized (commitsAtFailure) {
        missingSince = null;
      }
    }
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
