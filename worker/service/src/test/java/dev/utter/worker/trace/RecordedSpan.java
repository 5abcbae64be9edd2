package dev.utter.worker.trace;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.kafka.common.header.Headers;

/** A span that writes down what happens to it and to the spans below it, in order. */
public final class RecordedSpan implements TraceSpan {
  private final String name;
  private final List<String> events;

  /** A span of this name; its beginning is not written down. */
  public RecordedSpan(String name) {
    this(name, new CopyOnWriteArrayList<>());
  }

  private RecordedSpan(String name, List<String> events) {
    this.name = name;
    this.events = events;
  }

  /** What has happened by now, of all spans below this one too. */
  public List<String> events() {
    return List.copyOf(events);
  }

  private TraceSpan begin(String child) {
    events.add(child + " begins");
    return new RecordedSpan(child, events);
  }

  @Override
  public TraceSpan step(String step) {
    return begin(step);
  }

  @Override
  public TraceSpan send(String topic) {
    return begin("send " + topic);
  }

  @Override
  public void set(String attribute, String value) {
    events.add(name + " has " + attribute + " " + value);
  }

  @Override
  public void set(String attribute, long value) {
    events.add(name + " has " + attribute + " " + value);
  }

  @Override
  public void fail(String type) {
    events.add(name + " fails: " + type);
  }

  @Override
  public void write(Headers headers) {
    headers.add("span", name.getBytes(UTF_8));
  }

  @Override
  public Optional<String> traceId() {
    return Optional.of("trace of " + name);
  }

  @Override
  public void run(Runnable task) {
    task.run();
  }

  @Override
  public void end() {
    events.add(name + " ends");
  }
}
