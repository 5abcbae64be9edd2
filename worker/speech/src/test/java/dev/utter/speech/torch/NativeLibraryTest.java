package dev.utter.speech.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeLibraryTest {

  @TempDir Path folder;

  @Test
  void aMissingLibraryIsReported() {
    // Given
    EngineSettings settings = with(folder.resolve("none.so"));

    // Then
    assertThatThrownBy(() -> TorchEngine.prepareNativeLibraries(settings))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("nativeLibrary is " + folder + "/none.so, but there is no such file");
  }

  @Test
  void libtorchTakesNoLibraryOnceItRuns() {
    // Given
    TorchEngine.start(EngineSettings.defaults());

    // Then
    assertThatThrownBy(() -> TorchEngine.start(with(folder.resolve("late.so"))))
        .hasMessageContaining("late.so, but libtorch was already loaded with none");
  }

  @Test
  void whatIsNoLibraryIsRefusedWithTheLoadersComplaint() throws Exception {
    // Given
    Path text = Files.writeString(folder.resolve("text.so"), "no library");

    // Then
    assertThat(startedWith(text))
        .contains("nativeLibrary is " + text + ", but it cannot be loaded (")
        .contains("build it for the libtorch in use");
  }

  @Test
  void aLibraryWithoutTheOperatorsIsRefused() throws Exception {
    // Given
    Path library = folder.resolve("empty.so");
    assumeThat(compiledEmpty(library)).as("g++").isTrue();

    // Then
    assertThat(startedWith(library))
        .contains("nativeLibrary is " + library + ", but it was not loaded or lacks an operator");
  }

  private static boolean compiledEmpty(Path library) throws InterruptedException {
    List<String> command =
        List.of("g++", "-shared", "-x", "c++", "/dev/null", "-o", library.toString());
    try {
      return new ProcessBuilder(command).start().waitFor() == 0;
    } catch (IOException e) {
      return false;
    }
  }

  /** The output of a separate process that starts libtorch with this library. */
  private static String startedWith(Path library) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                Starting.class.getName(),
                library.toString())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).isZero();
    return said;
  }

  private static EngineSettings with(Path library) {
    return EngineSettings.defaults().withThreads(1).withNativeLibrary(Optional.of(library));
  }

  /** The process: prints why libtorch did not start. */
  static final class Starting {

    private Starting() {}

    public static void main(String[] arguments) {
      try {
        TorchEngine.start(with(Path.of(arguments[0])));
      } catch (IllegalStateException e) {
        System.out.println(e.getMessage());
      }
    }
  }
}
