package dev.utter.cli.command.speech;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.utter.speech.watermark.WatermarkKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ParameterException;

class KeyOptionsTest {
  private static final WatermarkKey KEY = WatermarkKey.parse("studio", "0102030405");

  @TempDir Path folder;

  @Command
  private static final class Marked {
    @Mixin private KeyOptions keys;
  }

  @Test
  void thePublicDemoKeyIsTheDefault() throws IOException {
    assertThat(options().key(Map.of("KEY", "x")::get)).isEqualTo(WatermarkKey.PUBLIC_DEMO);
  }

  @Test
  void aKeyIsReadFromTheEnvironment() throws IOException {
    // When
    WatermarkKey key =
        options("--key-env", "KEY", "--key-id", "studio").key(Map.of("KEY", "1,2,3,4,5")::get);

    // Then
    assertThat(key).isEqualTo(KEY);
  }

  @Test
  void aKeyIsReadFromAFileWithItsLineEnd() throws IOException {
    // Given
    Path file = Files.writeString(folder.resolve("key"), "0102030405\n");

    // When
    WatermarkKey key =
        options("--key-file", file.toString(), "--key-id", "studio").key(name -> null);

    // Then
    assertThat(key).isEqualTo(KEY);
  }

  @Test
  void aVariableThatIsNotSetIsNamed() {
    assertThatThrownBy(() -> options("--key-env", "KEY").key(name -> null))
        .isInstanceOf(ParameterException.class)
        .hasMessageContaining("KEY is not set");
  }

  @Test
  void aBadKeyIsRefusedWithoutRepeatingIt() {
    assertThatThrownBy(() -> options("--key-env", "KEY").key(name -> "secret"))
        .isInstanceOf(ParameterException.class)
        .hasMessageNotContaining("secret");
  }

  private static KeyOptions options(String... arguments) {
    Marked marked = new Marked();
    new CommandLine(marked).parseArgs(arguments);
    return marked.keys;
  }
}
