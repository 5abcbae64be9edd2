package dev.utter.worker.telemetry.log;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LogLevelFileTest {
  @TempDir private Path folder;
  private final LoggerContext context = new LoggerContext();
  private LogLevelFile levels;
  private Path file;

  @BeforeEach
  void begin() {
    context.getLogger("dev.utter").setLevel(Level.INFO);
    file = folder.resolve("levels");
    levels = new LogLevelFile(file, context);
    levels.look();
  }

  @AfterEach
  void end() {
    levels.close();
  }

  @Test
  void aLevelAloneIsThatOfTheWorker() throws Exception {
    // When
    write("debug\n");

    // Then
    assertThat(level("dev.utter.worker.intake")).isEqualTo(Level.DEBUG);
    assertThat(context.getLogger("org.apache.kafka").getLevel()).isNull();
  }

  @Test
  void aLineNamesALogger() throws Exception {
    // When
    write("# for the incident\ndev.utter.worker.storage = TRACE\n\norg.apache.kafka=WARN\n");

    // Then
    assertThat(level("dev.utter.worker.storage.ObjectStore")).isEqualTo(Level.TRACE);
    assertThat(level("dev.utter.worker.intake")).isEqualTo(Level.INFO);
    assertThat(level("org.apache.kafka.clients")).isEqualTo(Level.WARN);
  }

  @Test
  void aLoggerThatTheFileNoLongerNamesHasItsFirstLevelAgain() throws Exception {
    // Given
    write("TRACE\norg.apache.kafka=WARN");

    // When
    write("org.apache.kafka=ERROR");

    // Then
    assertThat(level("dev.utter")).isEqualTo(Level.INFO);
    assertThat(level("org.apache.kafka")).isEqualTo(Level.ERROR);

    // When
    Files.delete(file);
    levels.look();

    // Then
    assertThat(context.getLogger("org.apache.kafka").getLevel()).isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"LOUD", "DEBUG\n=WARN", "dev.utter=", "DEBUG INFO"})
  void aWrongLineChangesNothing(String content) throws Exception {
    // Given
    write("TRACE");

    // When
    write(content);

    // Then
    assertThat(level("dev.utter")).isEqualTo(Level.TRACE);
  }

  @Test
  void aHugeFileChangesNothing() throws Exception {
    // When
    write("DEBUG\n" + "#".repeat(100_000));

    // Then
    assertThat(level("dev.utter")).isEqualTo(Level.INFO);
  }

  private void write(String content) throws IOException {
    Files.writeString(file, content);
    levels.look();
  }

  private Level level(String logger) {
    return context.getLogger(logger).getEffectiveLevel();
  }
}
