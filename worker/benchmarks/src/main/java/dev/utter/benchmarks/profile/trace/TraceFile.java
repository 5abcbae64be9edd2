package dev.utter.benchmarks.profile.trace;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads the traces of libtorch's profilers: the older one writes an array of events, all of them
 * calls; Kineto writes an object whose events have categories.
 */
public final class TraceFile {
  private static final String EVENTS = "traceEvents";

  private final List<Call> calls = new ArrayList<>();
  private final List<RuntimeCall> runtimeCalls = new ArrayList<>();
  private final List<DeviceWork> deviceWork = new ArrayList<>();

  private TraceFile() {}

  /** One event; fields that it lacks are empty, 0 or {@link Call#NONE}. */
  private static final class Event {
    private String name = "";
    private String phase = "";
    private String category = "";
    private long thread;
    private double start;
    private double duration;
    private long operator = Call.NONE;
    private long correlation = Call.NONE;
    private boolean finished = true;
  }

  /**
   * All complete events in the order of the file. Events of other kinds are left out, and so are
   * calls that had not ended at the end of the recording.
   *
   * @throws IOException if the file cannot be read or is not a trace
   */
  public static Trace read(Path file) throws IOException {
    try (JsonParser parser = new JsonFactory().createParser(file.toFile())) {
      TraceFile trace = new TraceFile();
      seekEvents(parser, file);
      while (parser.nextToken() == JsonToken.START_OBJECT) {
        trace.add(readEvent(parser));
      }
      if (parser.currentToken() != JsonToken.END_ARRAY) {
        throw new IOException(file + " ends within its events");
      }
      return new Trace(trace.calls, trace.runtimeCalls, trace.deviceWork);
    }
  }

  private static void seekEvents(JsonParser parser, Path file) throws IOException {
    JsonToken first = parser.nextToken();
    if (first == JsonToken.START_OBJECT) {
      while (parser.nextToken() == JsonToken.FIELD_NAME && !parser.currentName().equals(EVENTS)) {
        parser.nextToken();
        parser.skipChildren();
      }
      first = parser.nextToken();
    }
    if (first != JsonToken.START_ARRAY) {
      throw new IOException(file + " has no array of events");
    }
  }

  private static Event readEvent(JsonParser parser) throws IOException {
    Event event = new Event();
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String field = parser.currentName();
      JsonToken value = parser.nextToken();
      switch (field) {
        case "name" -> event.name = parser.getText();
        case "ph" -> event.phase = parser.getText();
        case "cat" -> event.category = parser.getText();
        case "tid" -> event.thread = value.isNumeric() ? parser.getLongValue() : 0;
        case "ts" -> event.start = parser.getDoubleValue();
        case "dur" -> event.duration = parser.getDoubleValue();
        case "args" -> readArguments(parser, event);
        default -> parser.skipChildren();
      }
    }
    return event;
  }

  private static void readArguments(JsonParser parser, Event event) throws IOException {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      parser.skipChildren();
      return;
    }
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String field = parser.currentName();
      JsonToken value = parser.nextToken();
      if (field.equals("External id") && value.isNumeric()) {
        event.operator = parser.getLongValue();
      } else if (field.equals("correlation") && value.isNumeric()) {
        event.correlation = parser.getLongValue();
      } else if (field.equals("finished")) {
        event.finished = value != JsonToken.VALUE_FALSE;
      } else {
        parser.skipChildren();
      }
    }
  }

  private void add(Event event) {
    if (!event.phase.equals("X") || !event.finished) {
      return;
    }
    switch (event.category) {
      // The older profiler has no categories.
      case "", "cpu_op" ->
          calls.add(
              new Call(event.name, event.thread, event.start, event.duration, event.operator));
      case "cuda_runtime", "cuda_driver" ->
          runtimeCalls.add(
              new RuntimeCall(
                  event.name, event.thread, event.start, event.correlation, event.operator));
      case "kernel" -> add(DeviceWork.Kind.KERNEL, event);
      case "gpu_memcpy" -> add(DeviceWork.Kind.ofCopy(event.name), event);
      case "gpu_memset" -> add(DeviceWork.Kind.FILL, event);
      default -> {
        // Spans, annotations and overheads are not work of an operator.
      }
    }
  }

  private void add(DeviceWork.Kind kind, Event event) {
    deviceWork.add(
        new DeviceWork(
            kind, event.name, event.start, event.duration, event.correlation, event.operator));
  }
}
