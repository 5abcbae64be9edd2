package dev.utter.speech.torch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LibtorchFlavorTest {
  @TempDir private Path folder;

  @Test
  void aLibtorchWithCudaIsRecognisedByItsLibrary() throws IOException {
    // Given
    Files.createFile(folder.resolve("libtorch_cpu.so"));
    assertThat(LibtorchFlavor.of(folder)).isEqualTo("cpu");

    // When
    Files.createFile(folder.resolve("libtorch_cuda.so"));

    // Then
    assertThat(LibtorchFlavor.of(folder)).isEqualTo("cu128");
  }

  /** Another version of DJL may bring others. */
  @ParameterizedTest
  @ValueSource(strings = {LibtorchFlavor.CPU, LibtorchFlavor.CUDA})
  void aLibraryOfEachFlavorIsOnTheClassPath(String flavor) {
    assertThat(
            getClass()
                .getClassLoader()
                .getResource("jnilib/linux-x86_64/" + flavor + "/libdjl_torch.so"))
        .isNotNull();
  }
}
