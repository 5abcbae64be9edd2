package dev.utter.cli.doctor;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;

/**
 * Runs checks one after the other, each within a time limit and on a thread of its own. A check
 * that fails or takes too long does not stop the others.
 *
 * <p>Threading: one thread.
 */
final class Checkup {
  private final Duration limit;
  private boolean allEnded = true;

  /**
   * @param limit time that one check may take
   */
  Checkup(Duration limit) {
    this.limit = limit;
  }

  /**
   * Runs the checks.
   *
   * @param found receives each name with its answer, when it is known
   * @return whether none is {@link Answer.State#NOT_OK}
   */
  boolean run(List<Check> checks, BiConsumer<String, Answer> found) throws InterruptedException {
    boolean ok = true;
    for (Check check : checks) {
      Answer answer = answer(check);
      found.accept(check.name(), answer);
      ok &= answer.state() != Answer.State.NOT_OK;
    }
    return ok;
  }

  /** Whether no check is still running, which one past its limit may be. */
  boolean allEnded() {
    return allEnded;
  }

  private Answer answer(Check check) throws InterruptedException {
    FutureTask<Answer> task = new FutureTask<>(check.attempt());
    Thread thread = new Thread(task, "utter-doctor-" + check.name());
    thread.setDaemon(true);
    thread.start();
    try {
      return task.get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      return Answer.notOk(message(e), check.remedy());
    } catch (TimeoutException e) {
      task.cancel(true);
      allEnded = false;
      return Answer.notOk(
          "no answer within " + limit.toSeconds() + " s",
          check.remedy() + "; --limit allows more time");
    }
  }

  private static String message(ExecutionException failure) {
    Throwable cause = failure.getCause() == null ? failure : failure.getCause();
    return cause.getMessage() == null ? cause.toString() : cause.getMessage();
  }
}
