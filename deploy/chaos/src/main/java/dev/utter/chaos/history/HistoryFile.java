package dev.utter.chaos.history;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Histories as files: one JSON object on each line, with the kind of the entry first. */
public final class HistoryFile {
  private static final String KIND = "entry";
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Map<String, Class<? extends Entry>> KINDS =
      Stream.<Class<? extends Entry>>of(
              Entry.Run.class,
              Entry.Asked.class,
              Entry.Fault.class,
              Entry.Worker.class,
              Entry.Seen.class,
              Entry.Put.class,
              Entry.Stored.class,
              Entry.Trouble.class,
              Entry.Drain.class,
              Entry.Sample.class,
              Entry.Complete.class)
          .collect(Collectors.toMap(Class::getSimpleName, Function.identity()));

  private HistoryFile() {}

  /**
   * Reads a history.
   *
   * @throws IOException if the file cannot be read or is not a history
   */
  public static List<Entry> read(Path file) throws IOException {
    try (Stream<String> lines = Files.lines(file)) {
      return lines.filter(line -> !line.isBlank()).map(HistoryFile::parse).toList();
    } catch (UncheckedIOException e) {
      throw new IOException(
          file + " is no history: " + Objects.requireNonNull(e.getCause()).getMessage(), e);
    }
  }

  static String line(Entry entry) {
    ObjectNode line = JSON.createObjectNode().put(KIND, entry.getClass().getSimpleName());
    line.setAll((ObjectNode) JSON.valueToTree(entry));
    return line.toString();
  }

  static Entry parse(String line) {
    try {
      ObjectNode node = (ObjectNode) JSON.readTree(line);
      String name = node.remove(KIND).asText();
      Class<? extends Entry> kind = KINDS.get(name);
      if (kind == null) {
        throw new UncheckedIOException(new IOException("unknown entry " + name));
      }
      return JSON.treeToValue(node, kind);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }
}
