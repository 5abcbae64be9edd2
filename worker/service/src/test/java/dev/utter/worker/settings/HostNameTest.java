package dev.utter.worker.settings;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostNameTest {
  @TempDir private Path folder;

  @Test
  void thisHostHasANameWithoutAnyVariable() {
    assertThat(HostName.of(Map.of())).isPresent();
  }

  @Test
  void theKernelsNameIsRead() throws IOException {
    // Given
    Path known = Files.writeString(folder.resolve("known"), "box-1\n");
    Path none = Files.writeString(folder.resolve("none"), "(none)\n");

    // Then
    assertThat(HostName.kernel(known)).contains("box-1");
    assertThat(HostName.kernel(none)).isEmpty();
    assertThat(HostName.kernel(folder.resolve("missing"))).isEmpty();
  }

  @Test
  void theFirstSourceThatHasANameIsTaken() {
    assertThat(
            HostName.first(
                List.of(
                    Optional::empty,
                    () -> Optional.of(" "),
                    () -> Optional.of("box-2"),
                    () -> Optional.of("box-3"))))
        .contains("box-2");
    assertThat(HostName.first(List.of(Optional::empty))).isEmpty();
  }

  @Test
  void lettersThatAWorkerNameCannotHaveAreReplaced() {
    assertThat(HostName.first(List.of(() -> Optional.of("..box_4:a b")))).contains("box_4-a-b");
  }
}
