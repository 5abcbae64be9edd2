package dev.utter.speech.checkpoint;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.utter.speech.checkpoint.config.CsmConfig;
import dev.utter.speech.checkpoint.config.GenerationDefaults;
import dev.utter.speech.failure.CheckpointException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;

/** Settings of models that were downloaded from somewhere. */
class CheckpointFuzzTest {

  @FuzzTest
  void aConfigIsReadOrRefused(byte[] bytes) {
    read("config.json", bytes, CsmConfig::read);
  }

  @FuzzTest
  void generationDefaultsAreReadOrRefused(byte[] bytes) {
    read("generation_config.json", bytes, GenerationDefaults::read);
  }

  @FuzzTest
  void anIndexIsReadOrRefused(byte[] bytes) {
    read("model.safetensors.index.json", bytes, ShardIndex::read);
  }

  private static void read(String name, byte[] bytes, Consumer<Path> reader) {
    try {
      Path folder = Files.createTempDirectory("utter-fuzz");
      Path file = folder.resolve(name);
      try {
        reader.accept(Files.write(file, bytes));
      } catch (CheckpointException e) {
        // The other valid result.
      } finally {
        Files.delete(file);
        Files.delete(folder);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
