package dev.utter.cli.command.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.utter.cli.Program;
import dev.utter.speech.checkpoint.ModelInspection;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelFetchCommandTest {
  private static final String ID = "sesame/csm-1b";
  private static final Path MODEL =
      Path.of(System.getProperty("utter.home"), "worker/speech/models/development");

  @TempDir private Path folder;
  private final Map<String, String> environment = new HashMap<>();
  private SmallHub hub;
  private String out;
  private String err;

  @BeforeEach
  void publish() {
    hub = new SmallHub(MODEL, Optional.of("hf_secret"));
    environment.put("HF_ENDPOINT", hub.endpoint());
    environment.put("HF_HOME", folder.toString());
  }

  @AfterEach
  void stop() {
    hub.close();
  }

  private int run(String input, String... arguments) {
    StringWriter printed = new StringWriter();
    StringWriter errors = new StringWriter();
    int exit =
        Program.commandLine(
                new ModelFetchCommand(
                    environment, new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8))))
            .setOut(new PrintWriter(printed, true))
            .setErr(new PrintWriter(errors, true))
            .execute(arguments);
    out = printed.toString();
    err = errors.toString();
    return exit;
  }

  private Path snapshot() {
    return folder.resolve("hub/models--sesame--csm-1b/snapshots").resolve(SmallHub.COMMIT);
  }

  @Test
  void aModelIsDownloadedWithTheTokenOfStandardInput() {
    // When
    int exit = run("hf_secret\nmore", ID, "--token-stdin");

    // Then
    assertThat(exit).as(err).isZero();
    assertThat(out.strip()).isEqualTo(snapshot().toString());
    assertThat(err).contains("transformers-00001-of-00007.safetensors: 0.4 MB", "100 %");
    assertThat(out + err).doesNotContain("hf_secret", "\r");
    assertThat(ModelInspection.inspect(snapshot()).tensors()).isPositive();
  }

  @Test
  void withTheTokenOfTheVariableToo() {
    // Given
    environment.put("HF_TOKEN", "hf_secret");

    // Then
    assertThat(run("", ID, "--revision", SmallHub.COMMIT)).as(err).isZero();
  }

  @Test
  void withoutATokenThePageToVisitIsNamed() {
    // When
    int exit = run("", ID);

    // Then
    assertThat(exit).isEqualTo(3);
    assertThat(err)
        .contains("sesame/csm-1b is gated. Open " + hub.endpoint() + "/sesame/csm-1b, sign in")
        .contains("HF_TOKEN");
  }

  @Test
  void aDryRunShowsFilesSizesAndFreeSpace() {
    // When
    int exit = run("", ID, "--dry-run");

    // Then
    assertThat(exit).as(err).isZero();
    assertThat(out)
        .contains(ID + " at " + SmallHub.COMMIT + ", gated: its terms are on " + hub.endpoint())
        .contains("0.4 MB  transformers-00001-of-00007.safetensors\n")
        .contains("3.0 MB to download to " + folder.resolve("hub"))
        .contains("are free")
        .doesNotContain("README.md");
    assertThat(folder.resolve("hub")).doesNotExist();
  }

  @Test
  void aDryRunAfterTheDownloadHasNothingToDownload() throws IOException {
    // Given
    environment.put("HF_TOKEN", "hf_secret");
    run("", ID);

    // When
    run("", ID, "--dry-run", "--json");

    // Then
    JsonNode report = new ObjectMapper().readTree(out);
    assertThat(report.path("missingBytes").asLong(-1)).isZero();
    assertThat(report.path("models").get(0).path("files")).hasSize(12);
  }

  @Test
  void offlineTheCacheIsUsed() {
    // Given
    environment.put("HF_TOKEN", "hf_secret");
    run("", ID);
    hub.close();
    environment.put("HF_HUB_OFFLINE", "1");

    // Then
    assertThat(run("", ID)).as(err).isZero();
    assertThat(out.strip()).isEqualTo(snapshot().toString());
    assertThat(run("", "other/model")).isEqualTo(3);
    assertThat(err).contains("HF_HUB_OFFLINE forbids the download");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "csm-1b", "a/b --token-stdin", "a/b c/d --revision x", "a/b --layout mlx"})
  void aWrongCommandLineIsRefused(String arguments) {
    // When
    int exit = run("", arguments.isEmpty() ? new String[0] : arguments.split(" "));

    // Then
    assertThat(exit).isEqualTo(2);
  }

  @Test
  void aTokenIsNoArgument() {
    assertThat(run("", ID, "--token", "hf_secret")).isEqualTo(2);
  }
}
