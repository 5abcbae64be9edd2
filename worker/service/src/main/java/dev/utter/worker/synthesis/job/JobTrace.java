package dev.utter.worker.synthesis.job;

import static java.util.Objects.requireNonNull;

import dev.utter.worker.intake.Outcome;
import dev.utter.worker.trace.TraceSpan;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.kafka.common.header.Headers;

/**
 * The spans of one job: one for its time on this worker, in it one for each try of a step, and one
 * for each record of its outcome, which ends when the record is visible. Thread-safe.
 */
public final class JobTrace {
  private static final String DROPPED = "dropped";

  private final TraceSpan whole;
  private final Map<JobStep, TraceSpan> begun = new ConcurrentHashMap<>();
  private final Queue<TraceSpan> sent = new ConcurrentLinkedQueue<>();

  /** The spans below that of the whole job. */
  public JobTrace(TraceSpan whole) {
    this.whole = requireNonNull(whole, "whole is null");
  }

  /** A step begins before its thread has it: the generation, which is the engine's. */
  public void ahead(JobStep step) {
    TraceSpan before = begun.put(step, whole.step(step.label()));
    if (before != null) {
      before.end();
    }
  }

  /** A thread begins a step; the caller ends the span. */
  public TraceSpan begin(JobStep step) {
    if (step == JobStep.PUBLICATION) {
      // The outcome is built anew.
      sent.clear();
    }
    TraceSpan ahead = begun.remove(step);
    return ahead == null ? whole.step(step.label()) : ahead;
  }

  /** A record of the outcome gets its trace context. */
  public void send(String topic, Headers headers) {
    TraceSpan span = whole.send(topic);
    span.write(headers);
    sent.add(span);
  }

  /** The outcome is visible. */
  public void finished(Outcome outcome, int attempt) {
    sent.forEach(TraceSpan::end);
    whole.set(TraceSpan.ATTEMPT, attempt);
    whole.set(TraceSpan.OUTCOME, outcome.kind());
    if (!outcome.kind().equals(Outcome.COMPLETED) && !outcome.kind().equals(Outcome.DUPLICATE)) {
      whole.fail(outcome.kind());
    }
    end();
  }

  /** Another worker owns the job now. Records that were built are not published. */
  public void dropped() {
    whole.set(TraceSpan.OUTCOME, DROPPED);
    end();
  }

  private void end() {
    begun.values().forEach(TraceSpan::end);
    whole.end();
  }

  /** The span of the whole job. */
  public TraceSpan whole() {
    return whole;
  }
}
