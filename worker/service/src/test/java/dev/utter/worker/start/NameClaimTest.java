package dev.utter.worker.start;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.utter.worker.failure.RetryLaterException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NameClaimTest {
  @TempDir private Path folder;

  /** Claims and says so, until its input ends. */
  static final class Claiming {
    public static void main(String[] arguments) throws IOException {
      new NameClaim("worker-1", Path.of(arguments[0])).run();
      System.out.write('c');
      System.out.flush();
      System.in.read();
    }
  }

  @Test
  void twoProcessesCannotHaveOneName() throws Exception {
    // Given
    Process other =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Claiming.class.getName(),
                folder.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    NameClaim claim = new NameClaim("worker-1", folder);
    try (claim;
        InputStream said = other.getInputStream()) {
      assertThat(said.read()).isEqualTo('c');

      // Then
      assertThatThrownBy(claim::run)
          .isInstanceOf(RetryLaterException.class)
          .hasMessageContaining("worker.name is \"worker-1\"")
          .hasMessageContaining("process " + other.pid());

      // When
      other.destroyForcibly().waitFor();

      // Then
      assertThatCode(claim::run).doesNotThrowAnyException();
    } finally {
      other.destroyForcibly();
    }
  }

  @Test
  void twoWorkersOfOneProcessCannotHaveOneName() throws IOException {
    NameClaim second = new NameClaim("worker-1", folder);
    try (second;
        NameClaim first = new NameClaim("worker-1", folder)) {
      first.run();
      assertThatThrownBy(second::run).isInstanceOf(RetryLaterException.class);
    }
  }

  @Test
  void aFolderThatCannotBeWrittenIsNamed() throws IOException {
    // Given
    Path file = Files.writeString(folder.resolve("file"), "");

    // Then
    try (NameClaim claim = new NameClaim("worker-1", file.resolve("state"))) {
      assertThatThrownBy(claim::run)
          .isInstanceOf(RetryLaterException.class)
          .hasMessageContaining("kafka.stateFolder")
          .hasMessageContaining(file.toString());
    }
  }
}
