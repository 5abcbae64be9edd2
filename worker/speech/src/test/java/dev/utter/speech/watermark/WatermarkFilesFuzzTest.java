package dev.utter.speech.watermark;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.utter.speech.failure.CheckpointException;
import dev.utter.speech.watermark.network.HyperParameters;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The parameters of networks that were downloaded from somewhere, and keys as people write them.
 */
class WatermarkFilesFuzzTest {
  private static final String REFUSAL =
      "watermark key key must be 10 hexadecimal digits or 5 numbers of 0 to 255 separated by commas";

  @FuzzTest
  void parametersAreReadOrRefused(byte[] bytes) throws IOException {
    Path file = Files.createTempFile("utter-fuzz", ".yaml");
    try {
      HyperParameters read = HyperParameters.read(Files.write(file, bytes));
      if (read.frames(read.sampleRate()) < 1 || read.band() > read.fftSize()) {
        throw new AssertionError("read: " + read);
      }
    } catch (CheckpointException e) {
      // The other valid result.
    } finally {
      Files.delete(file);
    }
  }

  @FuzzTest
  void aKeyIsReadOrRefused(byte[] bytes) {
    String text = new String(bytes, UTF_8);
    try {
      if (WatermarkKey.parse("key", text).bytes().length != WatermarkKey.LENGTH) {
        throw new AssertionError("a key of another length: " + text);
      }
    } catch (IllegalArgumentException e) {
      if (!e.getMessage().equals(REFUSAL)) {
        throw new AssertionError("the message depends on what may be a secret", e);
      }
    }
  }
}
