package dev.utter.speech.checkpoint.tensor;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.utter.speech.failure.CheckpointException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Consumer;

/** Weights that were downloaded from somewhere. */
class TensorFilesFuzzTest {

  @FuzzTest
  void aSafetensorsFileIsReadOrRefused(byte[] bytes) {
    read("model.safetensors", bytes, file -> check(SafetensorsFile.read(file)));
  }

  @FuzzTest
  void aTorchZipIsReadOrRefused(byte[] bytes) {
    read("model.pt", bytes, file -> check(TorchZip.read(file)));
  }

  @FuzzTest
  void aPickleIsReadOrRefused(byte[] pickle) {
    try {
      StateDictPickle.read(pickle);
    } catch (StateDictPickle.RefusedException e) {
      // The other valid result.
    }
  }

  private static void check(Map<String, StoredTensor> tensors) {
    tensors.forEach(
        (name, tensor) -> {
          if (tensor.shape().size() < 0) {
            throw new AssertionError(name + " has shape " + tensor.shape());
          }
        });
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
