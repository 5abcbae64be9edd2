package dev.utter.cli.command.model;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.utter.cli.Main;
import dev.utter.speech.csm.prepared.PreparedFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** {@code utter model prepare}. */
class ModelPrepareCommandTest {
  private static final Path MODEL =
      Path.of(System.getProperty("utter.home"), "worker/speech/src/test/fixtures/csm-tiny");

  private final Logger logger = (Logger) LoggerFactory.getLogger(PreparedFile.class);
  private final Level level = logger.getLevel();
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();

  @TempDir private Path folder;
  private String out;
  private String err;

  @BeforeEach
  void copyModelAndListen() throws IOException {
    try (Stream<Path> files = Files.list(MODEL)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.copy(file, folder.resolve(file.getFileName()));
      }
    }
    logger.setLevel(Level.WARN);
    lines.start();
    logger.addAppender(lines);
  }

  @AfterEach
  void stopListening() {
    logger.detachAppender(lines);
    logger.setLevel(level);
  }

  @Test
  void theFileIsWrittenOnceAndAgainOnceItIsDamaged() throws IOException {
    // Given
    Path file = folder.resolve("utter-prepared-bfloat16.safetensors");

    // When
    int exit = prepare("--precision", "BFLOAT16");

    // Then
    assertThat(exit).as(err).isZero();
    assertThat(out).isEqualTo("%s: BFLOAT16, %d bytes%n".formatted(file, Files.size(file)));

    // When
    prepare("--precision", "BFLOAT16");

    // Then
    assertThat(out).isEqualTo("%s: up to date, nothing to do%n".formatted(file));
    assertThat(lines.list).isEmpty();

    // When
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(new byte[] {1, 2, 3}), channel.size() / 2);
    }
    prepare("--precision", "BFLOAT16");

    // Then
    assertThat(out).contains("BFLOAT16, ");
    assertThat(lines.list).hasSize(1);
    assertThat(lines.list.get(0).getLevel()).isEqualTo(Level.WARN);
    assertThat(pairs(lines.list.get(0)))
        .contains(
            "reason=" + file + ": its bytes differ from their checksum, it is damaged",
            "remedy=run 'utter model prepare' again, or delete the file");
  }

  @Test
  void theFileCanHaveAnotherPlace() {
    // Given
    Path file = folder.resolve("made");

    // When
    int exit = prepare("--precision", "FLOAT32", "--out", file.toString());

    // Then
    assertThat(exit).as(err).isZero();
    assertThat(file).isRegularFile();
    assertThat(folder.resolve("utter-prepared-float32.safetensors")).doesNotExist();
  }

  @Test
  void inspectSaysWhetherTheFileBelongsToTheCheckpoint() throws IOException {
    // Given
    prepare("--precision", "BFLOAT16");
    Path file = folder.resolve("utter-prepared-bfloat16.safetensors");

    // When
    JsonNode before = inspect();
    Files.writeString(folder.resolve("config.json"), " ", StandardOpenOption.APPEND);
    JsonNode after = inspect();

    // Then
    assertThat(before.properties()).hasSize(1);
    assertThat(before.at("/BFLOAT16/file").asText()).isEqualTo(file.toString());
    assertThat(before.at("/BFLOAT16/bytes").asLong()).isEqualTo(Files.size(file));
    assertThat(before.at("/BFLOAT16/belongs").asBoolean()).isTrue();
    assertThat(before.at("/BFLOAT16/obstacle").isMissingNode()).isTrue();
    assertThat(after.at("/BFLOAT16/belongs").asBoolean()).isFalse();
    assertThat(after.at("/BFLOAT16/obstacle").asText())
        .isEqualTo(file + ": config.json is not the file that it was made from");
  }

  @Test
  void inspectFindsNoFileWhereThereIsNone() throws IOException {
    assertThat(inspect().isObject()).isTrue();
    assertThat(inspect()).isEmpty();
  }

  private JsonNode inspect() throws IOException {
    int exit = run("model", "inspect", folder.toString(), "--json");
    assertThat(exit).as(err).isZero();
    return new ObjectMapper().readTree(out).path("prepared");
  }

  @Test
  void aFolderAsFileIsAUsageError() {
    // When
    int exit = prepare("--precision", "FLOAT32", "--out", folder.toString());

    // Then
    assertThat(exit).isEqualTo(2);
    assertThat(err).contains("--out: " + folder + " is a folder");
  }

  private int prepare(String... options) {
    return run(
        Stream.concat(Stream.of("model", "prepare", folder.toString()), Stream.of(options))
            .toArray(String[]::new));
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

  private static List<String> pairs(ILoggingEvent line) {
    return line.getKeyValuePairs().stream()
        .map(pair -> pair.key + "=" + Objects.toString(pair.value))
        .toList();
  }
}
