package dev.utter.speech.torch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostMemoryTest {

  @TempDir private Path proc;
  @TempDir private Path cgroup;

  @BeforeEach
  void describeMachine() throws IOException {
    Files.writeString(
        proc.resolve("meminfo"), "MemTotal:  4000 kB\nMemAvailable:   3000 kB\nCached: 7 kB\n");
  }

  private void describeContainer(String limit) throws IOException {
    Files.writeString(cgroup.resolve("memory.max"), limit + "\n");
    Files.writeString(cgroup.resolve("memory.current"), "900000\n");
    Files.writeString(cgroup.resolve("memory.stat"), "anon 5\ninactive_file 50000\n");
  }

  @Test
  void isWhatTheMachineHasLeft() {
    assertThat(new HostMemory(proc, cgroup).available()).isEqualTo(3000 * 1024);
  }

  @Test
  void isWhatTheContainerHasLeftIfThatIsLess() throws IOException {
    // Given
    describeContainer("1000000");

    // When / Then
    assertThat(new HostMemory(proc, cgroup).available()).isEqualTo(150_000);
  }

  @Test
  void takesAContainerWithoutLimitForTheMachine() throws IOException {
    // Given
    describeContainer("max");

    // When / Then
    assertThat(new HostMemory(proc, cgroup).available()).isEqualTo(3000 * 1024);
  }

  @Test
  void fallsBackToTheHeapWhereNothingIsTold() throws IOException {
    // Given
    Files.delete(proc.resolve("meminfo"));

    // When / Then
    assertThat(new HostMemory(proc, cgroup).available())
        .isEqualTo(Runtime.getRuntime().maxMemory());
  }
}
