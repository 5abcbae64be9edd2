package dev.utter.benchmarks.profile.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TraceFileTest {

  @TempDir Path folder;

  @Test
  void completeEventsAreReadAndOthersLeftOut() throws IOException {
    // Given
    Path file =
        trace(
            """
            [{"name": "aten::mm", "ph": "X", "ts": 1.5, "dur": 2.25, "tid": 3,
              "pid": "CPU Functions", "shape": [[2, 3], []], "args": {"deep": [1]}},
             {"name": "mark", "ph": "i", "ts": 2}]
            """);

    // Then
    assertThat(TraceFile.read(file).calls()).containsExactly(new Call("aten::mm", 3, 1.5, 2.25));
  }

  @Test
  void aFileThatEndsEarlyIsRefused() throws IOException {
    // Given
    Path file = trace("[{\"name\": \"aten::mm\", \"ph\": \"X\"},");

    // Then
    assertThatThrownBy(() -> TraceFile.read(file)).isInstanceOf(IOException.class);
  }

  @Test
  void whatHasNoEventsIsRefused() throws IOException {
    // Given
    Path file = trace("{}");

    // Then
    assertThatThrownBy(() -> TraceFile.read(file)).hasMessageContaining("has no array of events");
  }

  private Path trace(String text) throws IOException {
    return Files.writeString(folder.resolve("trace.json"), text);
  }
}
