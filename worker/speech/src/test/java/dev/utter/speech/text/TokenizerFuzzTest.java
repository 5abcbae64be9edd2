package dev.utter.speech.text;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.utter.speech.Utterance;
import dev.utter.speech.failure.CheckpointException;
import dev.utter.speech.failure.InvalidUtteranceException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Tokenizer files that were downloaded from somewhere, and what strangers want to be spoken. */
class TokenizerFuzzTest {
  private static final int BEGIN = 0;

  /** The first of the control tokens, which come last. */
  private static final int FIXTURE_BEGIN = 369;

  private static final PromptLayout.Sizes SIZES = new PromptLayout.Sizes(2, 67, 378, 371, 372);
  private static final TextTokenizer TOKENIZER =
      TextTokenizer.load(Path.of("src/test/fixtures/csm-tiny"), FIXTURE_BEGIN);

  @FuzzTest
  void aTokenizerIsReadOrRefused(byte[] bytes) throws IOException {
    Path folder = Files.createTempDirectory("utter-fuzz");
    try {
      Files.write(folder.resolve("tokenizer.json"), bytes);
      load(folder);
    } finally {
      Files.delete(folder.resolve("tokenizer.json"));
      Files.delete(folder);
    }
  }

  @FuzzTest
  void anEndTokenIsReadOrRefused(byte[] bytes) throws IOException {
    Path folder = Files.createTempDirectory("utter-fuzz");
    try (InputStream small =
        TokenizerFuzzTest.class.getResourceAsStream(
            "TokenizerFuzzTestInputs/aTokenizerIsReadOrRefused/small.json")) {
      Files.copy(small, folder.resolve("tokenizer.json"));
      Files.write(folder.resolve("tokenizer_config.json"), bytes);
      load(folder);
    } finally {
      Files.delete(folder.resolve("tokenizer.json"));
      Files.delete(folder.resolve("tokenizer_config.json"));
      Files.delete(folder);
    }
  }

  @FuzzTest
  void aTextIsLaidOutWithoutControlTokensOrRefused(byte[] bytes) {
    Prompt prompt;
    try {
      prompt =
          new PromptLayout(TOKENIZER, SIZES).layOut(new Utterance(0, new String(bytes, UTF_8)));
    } catch (InvalidUtteranceException e) {
      return;
    }
    int[] ids = prompt.ids();
    for (int i = 1; i < ids.length - 1; i++) {
      if (ids[i] < 0 || ids[i] >= FIXTURE_BEGIN) {
        throw new AssertionError("id " + ids[i] + " at " + i);
      }
    }
  }

  private static void load(Path folder) {
    try {
      TextTokenizer.load(folder, BEGIN).close();
    } catch (CheckpointException e) {
      // The other valid result.
    }
  }
}
