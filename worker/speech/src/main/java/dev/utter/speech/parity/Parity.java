package dev.utter.speech.parity;

import dev.utter.speech.checkpoint.Checkpoint;
import dev.utter.speech.ending.EndingSettings;
import dev.utter.speech.engine.GenerationSettings;
import dev.utter.speech.measure.FrameGenerator;
import dev.utter.speech.mimi.MimiCodec;
import dev.utter.speech.text.PromptLayout;
import dev.utter.speech.text.TextTokenizer;
import dev.utter.speech.torch.EngineSettings;
import dev.utter.speech.torch.EngineSettings.Precision;
import dev.utter.speech.torch.TorchEngine;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Runs the reference cases of a fixture folder. */
public final class Parity {

  private Parity() {}

  /** Runs all cases in 32 bit; see {@link #run(Path, EngineSettings)}. */
  public static ParityReport run(Path fixture) {
    return run(fixture, EngineSettings.defaults());
  }

  /**
   * Runs all cases. Bounds: ids, codes, ends and symbols equal; logits and hidden states 1e-3;
   * audio 1e-4. In a lower precision than 32 bit the language model runs with teacher forcing on
   * the reference's codes: at most a tenth of its codes may differ, with a mean divergence of at
   * most 0.01 nats. Codec and watermark keep their bounds, because they stay in 32 bit.
   *
   * @param fixture a checkpoint folder with {@code reference.json} and {@code
   *     reference.safetensors}
   * @throws dev.utter.speech.failure.CheckpointException if checkpoint or reference cannot be read
   * @throws IllegalArgumentException if the folder holds nothing to compare
   */
  public static ParityReport run(Path fixture, EngineSettings settings) {
    List<Comparison> comparisons = new ArrayList<>();
    if (Files.exists(fixture.resolve("config.json"))) {
      comparisons.addAll(checkpoint(fixture, settings));
    }
    for (Path folder : watermarks(fixture)) {
      TorchEngine engine = TorchEngine.start(settings);
      comparisons.addAll(new WatermarkParity(engine, folder).compare());
    }
    return new ParityReport(fixture, comparisons);
  }

  private static List<Comparison> checkpoint(Path fixture, EngineSettings settings) {
    TorchEngine.prepareNativeLibraries(settings);
    ReferenceNumbers reference = ReferenceNumbers.read(fixture);
    List<ReferenceCase> cases = ReferenceCase.read(fixture);
    Checkpoint checkpoint = Checkpoint.open(fixture);
    TorchEngine engine = TorchEngine.start(settings);
    GenerationSettings generation = GenerationSettings.defaults();
    List<Comparison> comparisons = new ArrayList<>();
    try (TextTokenizer tokenizer = TextTokenizer.load(fixture, checkpoint.config().bosId());
        MimiCodec codec = MimiCodec.load(engine, checkpoint);
        FrameGenerator generator =
            FrameGenerator.load(engine, checkpoint, generation, EndingSettings.NONE)) {
      int sampleRate = checkpoint.config().codec().sampleRate();
      comparisons.addAll(new CodecParity(codec, sampleRate, reference).compare());
      PromptLayout layout = new PromptLayout(tokenizer, PromptLayout.Sizes.of(checkpoint.config()));
      GenerationParity parity =
          new GenerationParity(checkpoint.config(), layout, generator, codec, reference);
      boolean exact = settings.precision() == Precision.FLOAT32;
      cases.forEach(
          referenceCase ->
              comparisons.addAll(
                  exact ? parity.compare(referenceCase) : parity.compareAgreement(referenceCase)));
    }
    return comparisons;
  }

  private static List<Path> watermarks(Path fixture) {
    List<Path> candidates = new ArrayList<>(List.of(fixture));
    try (DirectoryStream<Path> children = Files.newDirectoryStream(fixture, "watermark*")) {
      children.forEach(candidates::add);
    } catch (IOException e) {
      throw new IllegalArgumentException(fixture + " is not a folder that can be read", e);
    }
    candidates.add(fixture.toAbsolutePath().resolveSibling("watermark-dev"));
    return candidates.stream()
        .filter(folder -> Files.exists(folder.resolve("hparams.yaml")))
        .filter(folder -> Files.exists(folder.resolve(ReferenceNumbers.FILE)))
        .distinct()
        .toList();
  }
}
