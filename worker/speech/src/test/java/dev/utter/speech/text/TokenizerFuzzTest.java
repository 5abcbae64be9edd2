package dev.utter.speech.text;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.utter.speech.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Tokenizer files that were downloaded from somewhere. */
class TokenizerFuzzTest {
  private static final int BEGIN = 0;

  @FuzzTest
  void aTokenizerIsReadOrRefused(byte[] bytes) throws IOException {
    Path folder = Files.createTempDirectory("utter-fuzz");
    Path file = folder.resolve("tokenizer.json");
    try {
      TextTokenizer.load(written(file, bytes), BEGIN).close();
    } catch (CheckpointException e) {
      // That is the other way to end.
    } finally {
      Files.delete(file);
      Files.delete(folder);
    }
  }

  private static Path written(Path file, byte[] bytes) throws IOException {
    return Files.write(file, bytes).getParent();
  }
}
