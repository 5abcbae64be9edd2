package dev.utter.cli.command.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.utter.cli.Main;
import dev.utter.embedded.s3.EmbeddedS3;
import dev.utter.embedded.s3.EmbeddedS3Settings;
import dev.utter.speech.checkpoint.ModelInspection;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code utter model push} and {@code pull}. */
class ModelStoreCommandsTest {
  private static final String ADDRESS = "s3://models/csm-1b";
  private static final Path MODEL =
      Path.of(System.getProperty("utter.home"), "worker/speech/models/development");

  @TempDir private Path folder;
  private EmbeddedS3 s3;
  private String config;
  private String out;
  private String err;

  @BeforeEach
  void start() throws IOException {
    s3 = EmbeddedS3.start(EmbeddedS3Settings.temporary());
    s3.createBucket("models");
    Path secret = Files.writeString(folder.resolve("secret"), s3.secretKey());
    config =
        Files.writeString(
                folder.resolve("worker.yaml"),
                """
                kafka:
                  groupPrefix: other
                storage:
                  endpoint: %s
                  accessKey: %s
                  secretKey: file:%s
                  modelCache: %s
                """
                    .formatted(s3.endpoint(), s3.accessKey(), secret, folder.resolve("cache")))
            .toString();
  }

  @AfterEach
  void stop() {
    s3.close();
  }

  private int run(String... arguments) {
    StringWriter printed = new StringWriter();
    StringWriter errors = new StringWriter();
    int exit =
        Main.commandLine()
            .setOut(new PrintWriter(printed, true))
            .setErr(new PrintWriter(errors, true))
            .execute(arguments);
    out = printed.toString();
    err = errors.toString();
    return exit;
  }

  private int push(String... options) {
    String[] arguments = new String[6 + options.length];
    System.arraycopy(
        new String[] {"model", "push", MODEL.toString(), ADDRESS, "--config", config},
        0,
        arguments,
        0,
        6);
    System.arraycopy(options, 0, arguments, 6, options.length);
    return run(arguments);
  }

  @Test
  void aModelIsPushedOnceAndPulledIntoTheCache() {
    // When
    int pushed = push();

    // Then
    assertThat(pushed).as(err).isZero();
    assertThat(out).contains("transformers.safetensors.index.json", ADDRESS + ": 3.0 MB to send");
    assertThat(err).contains("100 %");

    // When
    push();

    // Then
    assertThat(out).contains("tokenizer.json, in the store", "unchanged, nothing to send");

    // When
    int pulled = run("model", "pull", ADDRESS, "--config", config);

    // Then
    assertThat(pulled).as(err).isZero();
    Path found = Path.of(out.strip());
    assertThat(found).hasFileName("csm-1b").startsWith(folder.resolve("cache"));
    assertThat(ModelInspection.inspect(found).tensors())
        .isEqualTo(ModelInspection.inspect(MODEL).tensors());
  }

  @Test
  void aDryRunSendsNothing() {
    // When
    int exit = push("--dry-run");

    // Then
    assertThat(exit).as(err).isZero();
    assertThat(out).contains("3.0 MB to send");
    assertThat(run("model", "pull", ADDRESS, "--config", config)).isEqualTo(3);
    assertThat(err).contains("there is no model at " + ADDRESS);
  }

  @Test
  void aModelIsPulledIntoAFolder() {
    // Given
    push();
    Path target = folder.resolve("mine");

    // When
    int exit = run("model", "pull", ADDRESS, target.toString(), "--config", config);

    // Then
    assertThat(exit).as(err).isZero();
    assertThat(out.strip()).isEqualTo(target.toString());
    assertThat(target.resolve("tokenizer.json"))
        .hasSameBinaryContentAs(MODEL.resolve("tokenizer.json"));
    assertThat(target.resolve("README.md")).doesNotExist();
  }

  @Test
  void aFolderThatIsNoModelIsNotPushed() throws IOException {
    // Given
    Path empty = Files.createDirectory(folder.resolve("empty"));

    // When
    int exit = run("model", "push", empty.toString(), ADDRESS, "--config", config);

    // Then
    assertThat(exit).isEqualTo(3);
    assertThat(err).contains(empty + "/config.json: no such file");
  }

  @Test
  void aModelThatWasNotPulledNamesTheCommand() {
    // When
    int exit = run("model", "inspect", "s3://models/never-pulled");

    // Then
    assertThat(exit).isEqualTo(3);
    assertThat(err).contains("\"utter model pull s3://models/never-pulled\" gets it");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "pull models/csm-1b",
        "pull s3://models",
        "pull s3://Models/csm-1b",
        "push /no/such/folder s3://models/csm-1b",
        "inspect s3://models"
      })
  void aWrongCommandLineIsRefused(String arguments) {
    // Given
    String[] words = ("model " + arguments).split(" ");

    // Then
    assertThat(run(words)).as(out).isEqualTo(2);
  }

  @Test
  void settingsWithoutAStoreAreRefused() throws IOException {
    // Given
    Path none = Files.writeString(folder.resolve("none.yaml"), "kafka: {groupPrefix: a}");

    // When
    int exit = run("model", "pull", ADDRESS, "--config", none.toString());

    // Then
    assertThat(exit).isEqualTo(2);
    assertThat(err).contains("storage.endpoint is missing (environment: UTTER_STORAGE_ENDPOINT)");
  }

  @Test
  void aStoreOfAnotherHostWithoutTlsIsRefused() throws IOException {
    // Given
    Path clear =
        Files.writeString(
            folder.resolve("clear.yaml"),
            "storage: {endpoint: 'http://store.example', accessKey: a, secretKey: 'file:"
                + folder.resolve("secret")
                + "'}");

    // When
    int exit = run("model", "pull", ADDRESS, "--config", clear.toString());

    // Then
    assertThat(exit).isEqualTo(2);
    assertThat(err).contains("allowClearText.storage");
  }
}
