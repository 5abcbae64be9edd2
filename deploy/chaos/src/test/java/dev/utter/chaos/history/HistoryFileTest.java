package dev.utter.chaos.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.utter.chaos.history.Entry.Bound;
import dev.utter.chaos.history.Entry.Change;
import dev.utter.chaos.history.Entry.Expected;
import dev.utter.chaos.history.Entry.Phase;
import dev.utter.chaos.history.Entry.Publication;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HistoryFileTest {
  @TempDir private Path folder;

  @Test
  void whatIsWrittenIsRead() throws IOException {
    // Given
    List<Entry> entries =
        List.of(
            new Entry.Run(1, "short", 7, 3, 4, ""),
            new Entry.Asked(2, "a", "a", 3, 4, Publication.REQUEST, Expected.COMPLETED, Bound.NONE),
            new Entry.Fault(3, 1, "freeze", Phase.BEGAN, "worker-1", true),
            new Entry.Worker(4, "worker-1", 99, Change.FROZEN, 0),
            new Entry.Seen(5, "utter.completed", 1, 2, "a", 6, "a", Map.of("attempt", "1")),
            new Entry.Put(6, "worker-1", "clips/a.wav", 200),
            new Entry.Stored(7, "clips/a.wav", 1000, "ab", "MATCH"),
            new Entry.Trouble(8, "worker-1 is not ready"),
            new Entry.Drain(8, 1, 1234, true, 0),
            new Entry.Sample(9, "worker-1", 99, 1, 2, 3, 4, 5),
            new Entry.Complete(10, Map.of("utter.completed", 1L), 1));
    Path file = folder.resolve("history.jsonl");

    // When
    try (History history = History.write(file)) {
      entries.forEach(history::add);
    }

    // Then
    assertThat(HistoryFile.read(file)).isEqualTo(entries);
    assertThat(Files.readAllLines(file)).hasSameSizeAs(entries);
  }

  @Test
  void anUnknownEntryIsRefused() throws IOException {
    // Given
    Path file = Files.writeString(folder.resolve("history.jsonl"), "{\"entry\":\"Other\"}\n");

    // Then
    assertThatThrownBy(() -> HistoryFile.read(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("Other");
  }
}
