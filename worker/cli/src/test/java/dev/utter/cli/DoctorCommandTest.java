package dev.utter.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class DoctorCommandTest {
  private static final Path DEVELOPMENT =
      Path.of(System.getProperty("utter.home"), "worker/speech/models/development");
  private static final Path TINY =
      Path.of(System.getProperty("utter.home"), "worker/speech/src/test/fixtures/csm-tiny");
  private static final String SHARD = "transformers-00003-of-00007.safetensors";

  @TempDir private Path folder;

  private interface Damage {
    void doTo(Path model) throws IOException;
  }

  @Test
  void theDevelopmentModelIsOk() throws IOException {
    // When
    CommandRun run = CommandRun.of("doctor", "--json");

    // Then
    assertThat(run.exitCode()).as(run.out()).isZero();
    JsonNode report = new ObjectMapper().readTree(run.out());
    assertThat(report.path("ok").asBoolean()).isTrue();
    assertThat(names(report, "ok"))
        .contains(
            "libtorch",
            "processor",
            "device",
            "driver",
            "memory",
            "model files",
            "prepared weights",
            "mark and detect",
            "decoder",
            "model loads",
            "watermark loads");
    assertThat(names(report, "not checked"))
        .containsExactly(
            "settings",
            "tokenizer",
            "published frame",
            "published codes",
            "signing",
            "kafka",
            "skips",
            "registry",
            "storage");
  }

  @Test
  void preparedWeightsAreOkIfAStartWouldUseThem() throws IOException {
    // Given
    Path model = copy(TINY, folder.resolve("model"));
    CommandRun.of("model", "prepare", model.toString(), "--precision", "BFLOAT16");
    Path file = model.resolve("utter-prepared-bfloat16.safetensors");

    // When
    JsonNode fits = line(doctor(model, "BFLOAT16"), "prepared weights");
    JsonNode none = line(doctor(model, "FLOAT32"), "prepared weights");
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(new byte[] {1, 2, 3}), channel.size() / 2);
    }
    JsonNode damaged = line(doctor(model, "BFLOAT16"), "prepared weights");

    // Then
    assertThat(fits.path("state").asText()).isEqualTo("ok");
    assertThat(fits.path("detail").asText())
        .isEqualTo(
            "%s: %d bytes, belongs to this checkpoint, program and processor"
                .formatted(file, Files.size(file)));
    assertThat(none.path("state").asText()).isEqualTo("ok");
    assertThat(none.path("detail").asText()).startsWith("none for FLOAT32");
    assertThat(damaged.path("state").asText()).isEqualTo("not ok");
    assertThat(damaged.path("detail").asText()).contains("it is damaged");
    assertThat(damaged.path("remedy").asText()).contains("utter model prepare");
  }

  private static JsonNode doctor(Path model, String precision) throws IOException {
    CommandRun run =
        CommandRun.of("doctor", "--json", "--model", model.toString(), "--precision", precision);
    return new ObjectMapper().readTree(run.out());
  }

  static Stream<Arguments> brokenFolders() {
    return Stream.of(
        broken(
            "an LFS pointer instead of a shard",
            model ->
                replace(
                    model.resolve(SHARD),
                    "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n"),
            "model files",
            "git lfs pull"),
        broken("a shard that is cut", model -> cut(model.resolve(SHARD)), "model files", SHARD),
        broken(
            "a shard that is missing",
            model -> Files.delete(model.resolve(SHARD)),
            "model files",
            SHARD),
        broken(
            "a tokenizer of another model",
            model ->
                replace(
                    model.resolve("tokenizer.json"),
                    Files.readString(DEVELOPMENT.resolve("tokenizer.json"))
                        .replaceFirst("\"H\": *\\d+", "\"H\": 999999")),
            "tokenizer",
            "999999"),
        broken(
            "a tokenizer that is no tokenizer",
            model -> replace(model.resolve("tokenizer.json"), "{}"),
            "tokenizer",
            "tokenizer.json"),
        broken(
            "watermark networks that are cut",
            model -> cut(model.resolve("watermark/dec_c.ckpt")),
            "mark and detect",
            "dec_c.ckpt"));
  }

  private static Arguments broken(String what, Damage damage, String check, String detail) {
    return Arguments.of(Named.of(what, damage), check, detail);
  }

  @ParameterizedTest
  @MethodSource("brokenFolders")
  void aBrokenFolderIsNotOkAndEveryOtherCheckIsMade(Damage damage, String check, String detail)
      throws IOException {
    // Given
    Path model = copy(DEVELOPMENT, folder.resolve("model"));
    damage.doTo(model);

    // When
    CommandRun run = CommandRun.of("doctor", "--json", "--model", model.toString());

    // Then
    assertThat(run.exitCode()).as(run.out()).isEqualTo(1);
    JsonNode report = new ObjectMapper().readTree(run.out());
    JsonNode line = line(report, check);
    assertThat(line.path("state").asText()).isEqualTo("not ok");
    assertThat(line.path("detail").asText()).contains(detail);
    assertThat(names(report, "ok")).contains("libtorch", "processor", "decoder");
    report
        .path("checks")
        .forEach(
            other ->
                assertThat(other.has("remedy"))
                    .as("%s", other)
                    .isEqualTo(other.path("state").asText().equals("not ok")));
  }

  @Test
  void aDeviceThatIsNotThereIsNotOkWithThoseThatAre() {
    // When
    CommandRun run = CommandRun.of("doctor", "--device", "cuda:31");

    // Then
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.out())
        .containsPattern(
            "device: not ok: device is cuda:31.*Available here: cpu\n  remedy: set the")
        .contains("model files: ok");
  }

  @Test
  void wrongSettingsAreOneLine() throws IOException {
    // Given
    Path config = Files.writeString(folder.resolve("worker.yaml"), "kafka: {bootstrap: here}");

    // When
    CommandRun run =
        CommandRun.of("doctor", "--config", config.toString(), "--model", folder.toString());

    // Then
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.out()).contains("settings: not ok: ", "kafka.bootstrap", "decoder: ok");
  }

  @ParameterizedTest
  @ValueSource(strings = {"--limit=0", "--device=tpu", "--precision=FP8"})
  void aWrongOptionIsRefused(String option) {
    assertThat(CommandRun.of("doctor", option).exitCode()).isEqualTo(2);
  }

  private static void replace(Path file, String text) throws IOException {
    Files.delete(file);
    Files.writeString(file, text);
  }

  /** A copy, since the file is a link to the real one. */
  private static void cut(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    Files.delete(file);
    Files.write(file, bytes);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.truncate(bytes.length / 2);
    }
  }

  /** The folder with links to the files. */
  private static Path copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Path copy = to.resolve(from.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(copy);
        } else {
          Files.createSymbolicLink(copy, file);
        }
      }
    }
    return to;
  }

  private static List<String> names(JsonNode report, String state) {
    List<String> names = new ArrayList<>();
    for (JsonNode line : report.path("checks")) {
      if (line.path("state").asText().equals(state)) {
        names.add(line.path("name").asText());
      }
    }
    return names;
  }

  private static JsonNode line(JsonNode report, String name) {
    for (JsonNode line : report.path("checks")) {
      if (line.path("name").asText().equals(name)) {
        return line;
      }
    }
    throw new AssertionError("no check " + name + " in " + report);
  }
}
