package dev.utter.speech.mimi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.utter.speech.AudioCodes;
import dev.utter.speech.audio.AudioClip;
import dev.utter.speech.checkpoint.Checkpoint;
import dev.utter.speech.checkpoint.CheckpointWriter;
import dev.utter.speech.checkpoint.FileLayout;
import dev.utter.speech.checkpoint.RandomCheckpoint;
import dev.utter.speech.checkpoint.TinyCheckpoint;
import dev.utter.speech.checkpoint.config.CsmConfig;
import dev.utter.speech.checkpoint.tensor.Dtype;
import dev.utter.speech.checkpoint.tensor.SafetensorsWriter;
import dev.utter.speech.torch.EngineSettings;
import dev.utter.speech.torch.TorchEngine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One codec, as moshi publishes it and as {@code kyutai/mimi} does. */
class MimiLayoutsTest {
  private static final int FRAMES = 5;

  private final CsmConfig sizes = CsmConfig.read(TinyCheckpoint.DIRECTORY.resolve("config.json"));
  private final Random random = new Random(7);

  @TempDir private Path folder;

  @Test
  void bothGiveEqualSamplesAndEqualCodes() throws IOException {
    // Given: random weights in moshi's names, and the same in those of transformers
    Checkpoint weights = RandomCheckpoint.of(sizes, 5, folder);
    Path moshi = folder.resolve("moshi");
    Path transformers = folder.resolve("transformers");
    CheckpointWriter.write(weights, FileLayout.ORIGINAL, Dtype.F32, List.of(), moshi);
    Files.createDirectory(transformers);
    for (String file : List.of("config.json", "model.safetensors")) {
      Files.copy(moshi.resolve(file), transformers.resolve(file));
    }
    SafetensorsWriter.write(
        transformers.resolve("mimi.safetensors"),
        weights.tensors(Checkpoint.CODEC_PREFIX).entrySet().stream()
            .map(entry -> entry.getValue().named(entry.getKey()))
            .toList());
    TorchEngine engine = TorchEngine.start(EngineSettings.defaults().withThreads(1));

    try (MimiCodec one = MimiCodec.load(engine, Checkpoint.open(moshi));
        MimiCodec other = MimiCodec.load(engine, Checkpoint.open(transformers))) {
      // When
      AudioCodes codes = codes();
      AudioClip clip = one.decoder().decode(codes);

      // Then
      assertThat(clip.samples())
          .hasSize(FRAMES * sizes.codec().frameSamples())
          .isEqualTo(other.decoder().decode(codes).samples());
      assertThat(one.encoder().encode(clip)).isEqualTo(other.encoder().encode(clip));
    }
  }

  private AudioCodes codes() {
    int[] codes =
        random.ints((long) FRAMES * sizes.codebooks(), 0, sizes.codec().codebookSize()).toArray();
    return new AudioCodes(sizes.codebooks(), codes);
  }
}
