package dev.utter.cli.bench.profile;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Reads the trace libtorch's profiler writes: an array of complete events. */
final class TraceFile {

  private TraceFile() {}

  /**
   * All complete events in the file's order; events of other kinds are left out.
   *
   * @throws IOException if the file cannot be read or is no such array
   */
  static List<Call> read(Path file) throws IOException {
    try (JsonParser parser = new JsonFactory().createParser(file.toFile())) {
      if (parser.nextToken() != JsonToken.START_ARRAY) {
        throw new IOException(file + " is no array of events");
      }
      List<Call> calls = new ArrayList<>();
      while (parser.nextToken() == JsonToken.START_OBJECT) {
        readEvent(parser, calls);
      }
      if (parser.currentToken() != JsonToken.END_ARRAY) {
        throw new IOException(file + " ends within its events");
      }
      return calls;
    }
  }

  private static void readEvent(JsonParser parser, List<Call> calls) throws IOException {
    String name = "";
    String phase = "";
    long thread = 0;
    double start = 0;
    double duration = 0;
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String field = parser.currentName();
      JsonToken value = parser.nextToken();
      switch (field) {
        case "name" -> name = parser.getText();
        case "ph" -> phase = parser.getText();
        case "tid" -> thread = value.isNumeric() ? parser.getLongValue() : 0;
        case "ts" -> start = parser.getDoubleValue();
        case "dur" -> duration = parser.getDoubleValue();
        default -> parser.skipChildren();
      }
    }
    if (phase.equals("X")) {
      calls.add(new Call(name, thread, start, duration));
    }
  }
}
