package dev.utter.producer.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.utter.embedded.SharedStack;
import dev.utter.events.ObjectReference;
import dev.utter.events.StoredAudio;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("integration")
class AudioStoreTest {
  /** SHA-256 of the bytes 1, 2, 3. */
  private static final String DIGEST =
      "039058c6f2c0cb492c533b0a4d14ef77cc0f78abccced5287d84a1a2011cfb81";

  @TempDir Path folder;
  private final String bucket = "b-" + UUID.randomUUID();
  private final AudioStore store = new AudioStore(WorkerSide.storage());

  @BeforeEach
  void makeBucket() {
    SharedStack.get().createBucket(bucket);
  }

  @AfterEach
  void close() throws IOException {
    store.close();
  }

  @Test
  void aClipIsDownloadedWithTheBytesItsEventAnnounced() throws IOException {
    // Given
    StoredAudio audio = stored(DIGEST);

    // When
    store.download(audio, folder.resolve("new/clip.wav"));

    // Then
    assertThat(folder.resolve("new/clip.wav")).hasBinaryContent(new byte[] {1, 2, 3});
    assertThat(folder.resolve("new")).isDirectoryNotContaining("glob:**.part");
  }

  @Test
  void aClipWithOtherBytesIsRefusedAndLeavesNoFile() throws IOException {
    // Given
    StoredAudio audio = stored("0".repeat(64));

    // When
    assertThatThrownBy(() -> store.download(audio, folder.resolve("clip.wav")))
        // Then
        .isInstanceOf(IOException.class)
        .hasMessageContaining(DIGEST)
        .hasMessageContaining(bucket);
    assertThat(folder.resolve("clip.wav")).doesNotExist();
  }

  private StoredAudio stored(String sha256) throws IOException {
    Path file = Files.write(folder.resolve("source"), new byte[] {1, 2, 3});
    ObjectReference object = store.upload(file, bucket, "clips/a.wav");
    return StoredAudio.newBuilder()
        .setBucket(object.getBucket())
        .setKey(object.getKey())
        .setEtag("any")
        .setSha256(sha256)
        .setSizeBytes(3)
        .build();
  }
}
