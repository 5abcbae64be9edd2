package dev.utter.speech.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.utter.speech.failure.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TextTokenizerTest {

  private static final Path FIXTURE = Path.of("src/test/fixtures/csm-tiny");
  private static final int[] EXPECTED = {369, 58, 15, 60, 367, 350, 357, 13, 370};

  @TempDir private Path folder;

  @Test
  void framesTheTurnWithOrWithoutATemplateInTheFile() throws IOException {
    // Given
    copy("tokenizer_config.json");
    ObjectNode root = (ObjectNode) new ObjectMapper().readTree(file("tokenizer.json").toFile());
    root.putNull("post_processor");
    Files.writeString(folder.resolve("tokenizer.json"), root.toString());

    for (Path source : new Path[] {FIXTURE, folder}) {
      try (TextTokenizer tokenizer = TextTokenizer.load(source, 369)) {
        // When
        int[] ids = tokenizer.encode("text", 0, "Hello from Sesame.");

        // Then
        assertThat(ids).containsExactly(EXPECTED);
      }
    }
  }

  @Test
  void namesTheFileThatIsMissingOrDamaged() throws IOException {
    assertThatThrownBy(() -> TextTokenizer.load(folder, 369))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("tokenizer.json");

    Files.writeString(folder.resolve("tokenizer.json"), "{\"model\": 3}");
    assertThatThrownBy(() -> TextTokenizer.load(folder, 369))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("not a readable tokenizer");
  }

  private static Path file(String name) {
    return FIXTURE.resolve(name);
  }

  private void copy(String name) throws IOException {
    Files.copy(file(name), folder.resolve(name));
  }
}
