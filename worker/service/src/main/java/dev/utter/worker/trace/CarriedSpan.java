package dev.utter.worker.trace;

import java.util.Optional;
import org.apache.kafka.common.header.Headers;

/** No span; carries the trace context of a record on to what follows from it. */
final class CarriedSpan implements TraceSpan {
  private final Optional<TraceContext> context;

  CarriedSpan(Optional<TraceContext> context) {
    this.context = context;
  }

  @Override
  public TraceSpan step(String name) {
    return this;
  }

  @Override
  public TraceSpan send(String topic) {
    return this;
  }

  @Override
  public void set(String attribute, String value) {}

  @Override
  public void set(String attribute, long value) {}

  @Override
  public void fail(String type) {}

  @Override
  public void write(Headers headers) {
    context.ifPresent(carried -> carried.write(headers));
  }

  @Override
  public Optional<String> traceId() {
    return context.map(carried -> carried.ids().traceId());
  }

  @Override
  public void run(Runnable task) {
    task.run();
  }

  @Override
  public void end() {}
}
