package dev.utter.worker.start;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.utter.speech.audio.AudioLimits;
import dev.utter.speech.audio.decode.AudioDecoder;
import dev.utter.worker.failure.RetryLaterException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;

@ResourceLock(Resources.SYSTEM_PROPERTIES)
class DecoderProofTest {
  private static final String PROGRAM = "utter.ffmpeg";

  private final DecoderProof proof = new DecoderProof(new AudioDecoder(AudioLimits.DEFAULT));
  @TempDir private Path folder;

  @Test
  void aProgramThatRunsIsProved() {
    assertThatCode(proof::run).doesNotThrowAnyException();
  }

  @Test
  void aProgramThatDoesNotRunIsNamedAndWaitedFor() {
    // Given
    String before = System.getProperty(PROGRAM);
    System.setProperty(PROGRAM, folder.resolve("none").toString());
    try {
      // Then
      assertThatThrownBy(proof::run)
          .isInstanceOf(RetryLaterException.class)
          .hasMessageContaining("the audio decoder does not run")
          .hasMessageContaining("UTTER_CACHE");
    } finally {
      if (before == null) {
        System.clearProperty(PROGRAM);
      } else {
        System.setProperty(PROGRAM, before);
      }
    }
  }
}
