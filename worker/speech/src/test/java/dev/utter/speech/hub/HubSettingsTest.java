package dev.utter.speech.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.utter.speech.hub.listing.HubReference;
import dev.utter.speech.hub.listing.RepositoryId;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HubSettingsTest {

  private static final Path HOME = Path.of("/home/me");

  @TempDir private Path folder;

  @Test
  void theUsualPlaceIsInTheHomeFolder() {
    // When
    HubSettings settings = HubSettings.of(Map.of(), HOME);

    // Then
    assertThat(settings.cache()).isEqualTo(Path.of("/home/me/.cache/huggingface/hub"));
    assertThat(settings.endpoint()).isEqualTo(URI.create("https://huggingface.co"));
    assertThat(settings.offline()).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "HF_HUB_CACHE, /data/hub, /data/hub",
    "HUGGINGFACE_HUB_CACHE, /data/hub, /data/hub",
    "HF_HOME, /data, /data/hub",
    "HF_HOME, ~/data, /home/me/data/hub",
    "XDG_CACHE_HOME, /data, /data/huggingface/hub",
    "HF_HOME, '', /home/me/.cache/huggingface/hub"
  })
  void theVariablesOfTheHubsProgramsMoveTheCache(String name, String value, Path expected) {
    assertThat(HubSettings.of(Map.of(name, value), HOME).cache()).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "HF_HUB_OFFLINE, 1, true",
    "HF_HUB_OFFLINE, true, true",
    "TRANSFORMERS_OFFLINE, YES, true",
    "HF_HUB_OFFLINE, 0, false",
    "HF_HUB_OFFLINE, '', false"
  })
  void theVariablesForNoNetworkCount(String name, String value, boolean offline) {
    assertThat(HubSettings.of(Map.of(name, value), HOME).offline()).isEqualTo(offline);
  }

  @Test
  void aMirrorIsUsed() {
    assertThat(
            HubSettings.of(Map.of("HF_ENDPOINT", "https://mirror.example/hf//"), HOME)
                .page(RepositoryId.parse("a/b")))
        .isEqualTo(URI.create("https://mirror.example/hf/a/b"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "mirror.example",
        "ftp://a.example",
        "https://me:pw@a.example",
        "https://a/?q",
        "a b"
      })
  void anAddressThatIsNoneIsRefused(String address) {
    assertThatThrownBy(() -> HubSettings.of(Map.of("HF_ENDPOINT", address), HOME))
        .hasMessageStartingWith("HF_ENDPOINT")
        .hasMessageNotContaining("pw");
  }

  @Test
  void theTokenOfTheVariableComesBeforeThatOfTheFile() throws IOException {
    // Given
    Path file = Files.writeString(folder.resolve("token"), "hf_file\n");

    // Then
    assertThat(token(Map.of("HF_TOKEN", " hf_env\n", "HF_TOKEN_PATH", file.toString())))
        .isEqualTo("Bearer hf_env");
    assertThat(token(Map.of("HF_TOKEN_PATH", file.toString()))).isEqualTo("Bearer hf_file");
    assertThat(token(Map.of("HF_HOME", folder.toString()))).isEqualTo("Bearer hf_file");
    assertThat(HubToken.find(Map.of("HF_HOME", "/nowhere"), HOME)).isEmpty();
  }

  private static String token(Map<String, String> environment) {
    return HubToken.find(environment, HOME).orElseThrow().authorization();
  }

  @Test
  void aTokenIsNotShown() {
    assertThat(HubToken.of("HF_TOKEN", "hf_secret").orElseThrow().toString())
        .doesNotContain("secret");
    assertThatThrownBy(() -> HubToken.of("HF_TOKEN", "hf_secret\nX-Other: 1"))
        .hasMessageContaining("HF_TOKEN is no token")
        .hasMessageNotContaining("secret");
  }

  @ParameterizedTest
  @ValueSource(strings = {"sesame/csm-1b", "meta-llama/Llama-3.2-1B", "a/b", "kyutai/x_1.0"})
  void namesOfModelsAreRead(String text) {
    assertThat(HubReference.parse(text).toString()).isEqualTo(text);
    assertThat(HubReference.parse(text + "@refs/pr/1").revision()).isEqualTo("refs/pr/1");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "csm-1b",
        "/csm",
        "a/b/c",
        "../b",
        "a/..",
        ".a/b",
        "a/b--c",
        "a/b c",
        "~/b",
        "a/b@",
        "a/b@../x",
        "a/b@-x",
        "a/b@x//y",
        "a/b@x/",
        "C:/b",
        ""
      })
  void whatIsNoNameIsRefused(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> HubReference.parse(text));
  }
}
