package dev.utter.speech.csm.prepared;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.utter.speech.failure.CheckpointException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SourceFingerprintTest {

  private static final int BYTES = 4 << 20;
  private static final Instant MODIFIED = Instant.parse("2026-01-02T03:04:05.678Z");

  @TempDir private Path folder;
  private Path large;
  private String before;

  @BeforeEach
  void write() throws IOException {
    large = Files.write(folder.resolve("large"), new byte[BYTES]);
    modifiedAt(MODIFIED);
    before = SourceFingerprint.of(large);
  }

  @Test
  void theSameFileHasTheSameFingerprint() throws IOException {
    // Given: a copy that keeps the time to the second, as archives do
    Path copy = Files.write(folder.resolve("copy"), new byte[BYTES]);
    Files.setLastModifiedTime(copy, FileTime.from(Instant.parse("2026-01-02T03:04:05Z")));

    // Then
    assertThat(SourceFingerprint.of(copy)).isEqualTo(before);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, SourceFingerprint.BEGINNING_BYTES - 1, BYTES - 1})
  void anotherByteChangesItEvenIfTheTimeIsKept(int position) throws IOException {
    // When
    change(position);
    modifiedAt(MODIFIED);

    // Then
    assertThat(SourceFingerprint.of(large)).isNotEqualTo(before);
  }

  @Test
  void aLaterModificationChangesIt() throws IOException {
    // When
    modifiedAt(MODIFIED.plusSeconds(1));

    // Then
    assertThat(SourceFingerprint.of(large)).isNotEqualTo(before);
  }

  @Test
  void anotherSizeChangesIt() throws IOException {
    // When
    Files.write(large, new byte[1], StandardOpenOption.APPEND);
    modifiedAt(MODIFIED);

    // Then
    assertThat(SourceFingerprint.of(large)).isNotEqualTo(before);
  }

  @Test
  void aSmallFileIsComparedByItsContentAlone() throws IOException {
    // Given
    Path small = Files.write(folder.resolve("small"), new byte[] {1, 2, 3});
    String first = SourceFingerprint.of(small);

    // When
    Files.setLastModifiedTime(small, FileTime.from(MODIFIED));

    // Then
    assertThat(SourceFingerprint.of(small)).isEqualTo(first);
    assertThat(SourceFingerprint.of(Files.write(small, new byte[] {1, 2, 4}))).isNotEqualTo(first);
  }

  @Test
  void aFileThatIsNotThereIsReported() {
    assertThatThrownBy(() -> SourceFingerprint.of(folder.resolve("none")))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("none: cannot be read");
  }

  private void change(int position) throws IOException {
    try (FileChannel channel = FileChannel.open(large, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(new byte[] {1}), position);
    }
  }

  private void modifiedAt(Instant time) throws IOException {
    Files.setLastModifiedTime(large, FileTime.from(time));
  }
}
