package dev.utter.chaos.mutant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MutantBuildTest {
  private static final Path HOME = Path.of(System.getProperty("utter.home"));

  @TempDir private Path folder;

  @ParameterizedTest
  @EnumSource(Mutant.class)
  void everyMutantIsMadeFromThePresentSource(Mutant mutant) throws IOException {
    // When
    Path classes = MutantBuild.build(mutant, HOME, folder);

    // Then
    try (Stream<Path> files = Files.walk(classes)) {
      String name = mutant.source().replaceAll(".*/|java$", "") + "class";
      assertThat(files.map(file -> file.getFileName().toString())).contains(name);
    }
  }

  @Test
  void aTextThatIsNotThereIsRefused() {
    assertThatThrownBy(() -> MutantBuild.changed(Mutant.NO_CONDITIONAL_PUT, "something else"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("nowhere");
  }

  @Test
  void aTextThatIsThereTwiceIsRefused() {
    // Given
    String text = Mutant.NO_CONDITIONAL_PUT.text();

    // Then
    assertThatThrownBy(() -> MutantBuild.changed(Mutant.NO_CONDITIONAL_PUT, text + text))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("more than once");
  }
}
