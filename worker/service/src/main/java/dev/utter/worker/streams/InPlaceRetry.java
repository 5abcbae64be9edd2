package dev.utter.worker.streams;

import static java.util.Objects.requireNonNull;

import dev.utter.worker.failure.RetryLaterException;
import dev.utter.worker.threads.Pause;
import java.time.Duration;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Retries in place for a limited time while something is down. The pauses grow, and their sum stays
 * below the poll interval and the transaction timeout. After that the failure is thrown, the
 * Streams thread is replaced, and the record is read again.
 */
public final class InPlaceRetry {
  private static final Logger LOGGER = LoggerFactory.getLogger(InPlaceRetry.class);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

  private final Duration limit;
  private final Pause pause;

  /**
   * A retry policy.
   *
   * @param limit sum of all pauses after which the failure is thrown
   * @param pause how to wait
   */
  public InPlaceRetry(Duration limit, Pause pause) {
    this.limit = requireNonNull(limit, "limit is null");
    this.pause = requireNonNull(pause, "pause is null");
  }

  /**
   * The action's result.
   *
   * @throws RetryLaterException the last one, once the limit is reached or the worker stops
   */
  <T> T call(Supplier<T> action) {
    Duration waited = Duration.ZERO;
    Duration next = FIRST_PAUSE;
    while (true) {
      try {
        return action.get();
      } catch (RetryLaterException e) {
        if (waited.plus(next).compareTo(limit) > 0 || !pause.await(next)) {
          throw e;
        }
        LOGGER
            .atWarn()
            .addKeyValue("waitedMillis", waited.plus(next).toMillis())
            .addKeyValue("error", e.getMessage())
            .log("Trying again");
        waited = waited.plus(next);
        next =
            next.multipliedBy(2).compareTo(LONGEST_PAUSE) > 0
                ? LONGEST_PAUSE
                : next.multipliedBy(2);
      }
    }
  }
}
