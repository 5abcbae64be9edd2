package dev.utter.worker.start;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LeftoversTest {
  @TempDir private Path folder;

  @Test
  void recordingsOfKilledProcessesAreRemovedAndNothingElse() throws IOException {
    // Given
    Path run = Files.createDirectory(folder.resolve("utter-audio-1"));
    Files.writeString(run.resolve("input"), "a voice");
    Path file = Files.writeString(folder.resolve("utter-audio-2"), "a voice");
    Path other = Files.writeString(folder.resolve("other"), "not ours");

    // When
    new Leftovers(folder, Clock.systemUTC()).remove();

    // Then
    assertThat(folder).isDirectoryContaining(path -> path.equals(run));

    // When
    new Leftovers(folder, Clock.offset(Clock.systemUTC(), Duration.ofHours(2))).remove();

    // Then
    assertThat(run).doesNotExist();
    assertThat(file).doesNotExist();
    assertThat(other).exists();
  }
}
