package dev.utter.worker.streams.commit;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import org.apache.kafka.common.Metric;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ProcessorContext;

/**
 * Reports what a processor did once it is committed, so that a record which comes again after an
 * aborted transaction counts once. Reports that are pending when the task leaves its thread are
 * dropped, so that nothing counts twice.
 *
 * <p>Where the thread has no count of commits, as under the test driver, reports go out at once.
 *
 * <p>Threading: the thread of its processor.
 */
public final class AfterCommit {
  private static final Duration INTERVAL = Duration.ofSeconds(1);

  private final Deque<Pending> pending = new ArrayDeque<>();
  private Optional<Metric> commits = Optional.empty();

  private record Pending(double commitsBefore, Runnable report) {}

  /** Nothing pending. */
  public AfterCommit() {}

  /** Called when the processor starts; from then on reports wait for the commit. */
  public void open(ProcessorContext<byte[], byte[]> context) {
    commits = ThreadCommits.of(context.metrics().metrics(), Thread.currentThread().getName());
    if (commits.isPresent()) {
      context.schedule(INTERVAL, PunctuationType.WALL_CLOCK_TIME, time -> flush());
    }
  }

  /** Reports after the commit that follows. */
  public void report(Runnable report) {
    if (commits.isEmpty()) {
      report.run();
    } else {
      pending.addLast(new Pending(ThreadCommits.value(commits.get()), report));
    }
  }

  /** Reports what is committed by now. */
  public void flush() {
    if (pending.isEmpty()) {
      return;
    }
    double now = ThreadCommits.value(commits.orElseThrow());
    while (!pending.isEmpty() && pending.peekFirst().commitsBefore() < now) {
      pending.removeFirst().report().run();
    }
  }
}
