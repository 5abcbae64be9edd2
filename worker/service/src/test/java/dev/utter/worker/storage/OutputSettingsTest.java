package dev.utter.worker.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.utter.worker.settings.source.SettingsEnvironment;
import dev.utter.worker.settings.source.SettingsException;
import dev.utter.worker.settings.source.SettingsSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutputSettingsTest {
  private static final String SECRET = "s".repeat(ClipProof.MIN_SECRET_CHARS);

  @TempDir private Path folder;

  @Test
  void readsWhereClipsGoAndByWhichKeysTheyAreKnown() throws IOException {
    // When
    OutputSettings settings = read(Optional.of(SECRET), true, false);

    // Then
    assertThat(settings.bucket()).isEqualTo("clips-of-all");
    assertThat(settings.prefix()).isEqualTo("clips");
    assertThat(settings.clipProof().orElseThrow().hasPublicSecret()).isFalse();
  }

  @Test
  void aWorkerThatMakesClipsNeedsKeysAndAnyOtherDoesNot() throws IOException {
    assertThatThrownBy(() -> read(Optional.empty(), true, false))
        .isInstanceOf(SettingsException.class)
        .hasMessageStartingWith("output.clipKeys is missing: ");
    assertThat(read(Optional.empty(), false, false).clipProof()).isEmpty();
  }

  @Test
  void onlyDevelopmentAllowsNoKeysOrThePublicOne() throws IOException {
    // Then
    assertThat(read(Optional.empty(), true, true).clipProof().orElseThrow().hasPublicSecret())
        .isTrue();
    Optional<String> open = Optional.of(ClipProof.PUBLIC_SECRET);
    assertThat(read(open, true, true).clipProof().orElseThrow().hasPublicSecret()).isTrue();
    assertThatThrownBy(() -> read(open, true, false))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("output.clipKeys holds the public secret of development");
  }

  @Test
  void aKeyThatIsTooShortIsRefusedByTheNameOfItsSetting() {
    assertThatThrownBy(() -> read(Optional.of("hush"), true, false))
        .isInstanceOf(SettingsException.class)
        .hasMessage("output.clipKeys: secret 1 has 4 characters, must have 32 at least");
  }

  private OutputSettings read(Optional<String> secret, boolean makesClips, boolean development)
      throws IOException {
    Path file = folder.resolve("secret");
    Files.writeString(file, secret.orElse(""));
    Map<String, String> variables =
        secret.isPresent()
            ? Map.of(
                "UTTER_OUTPUT_BUCKET", "clips-of-all", "UTTER_OUTPUT_CLIP_KEYS", "file:" + file)
            : Map.of("UTTER_OUTPUT_BUCKET", "clips-of-all");
    return OutputSettings.read(
        new SettingsSource(
            JsonNodeFactory.instance.objectNode(), new SettingsEnvironment(variables)),
        makesClips,
        development);
  }
}
