package dev.utter.speech.parity;

import dev.utter.speech.audio.AudioClip;
import dev.utter.speech.audio.resample.Resampler;
import dev.utter.speech.torch.TorchEngine;
import dev.utter.speech.watermark.Detection.Outcome;
import dev.utter.speech.watermark.Watermark;
import dev.utter.speech.watermark.WatermarkKey;
import dev.utter.speech.watermark.WatermarkSettings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.regex.Pattern;

/** Marks and reads the clips of a watermark network's reference. */
final class WatermarkParity {

  private static final double RESAMPLING_BOUND = 1e-5;
  private static final double MARKED_BOUND = 1e-4;
  private static final double CSM_DECIBELS = 36;
  private static final int CLIP_RATE = 24_000;
  private static final Pattern INPUT = Pattern.compile("(.+)\\.input");

  private final TorchEngine engine;
  private final Path folder;
  private final ReferenceNumbers reference;

  WatermarkParity(TorchEngine engine, Path folder) {
    this.engine = engine;
    this.folder = folder;
    this.reference = ReferenceNumbers.read(folder);
  }

  List<Comparison> compare() {
    List<Comparison> comparisons = new ArrayList<>();
    try (Watermark asTrained = asTrained();
        Watermark asCsm = load(OptionalDouble.of(CSM_DECIBELS))) {
      for (String clip : reference.matching(INPUT)) {
        comparisons.addAll(compare(clip, asTrained, asCsm));
      }
    }
    return comparisons;
  }

  private List<Comparison> compare(String clip, Watermark asTrained, Watermark asCsm) {
    List<Comparison> comparisons = new ArrayList<>();
    int wideRate = asTrained.sampleRate();
    AudioClip input = new AudioClip(reference.floats(clip + ".input"), CLIP_RATE);
    AudioClip wide = new AudioClip(reference.floats(clip + ".resampled"), wideRate);
    AudioClip marked = new AudioClip(reference.floats(clip + ".embedded"), wideRate);
    comparisons.add(
        close(clip + ".resampled", Resampler.resample(input, wideRate), RESAMPLING_BOUND));
    comparisons.add(close(clip + ".embedded", mark(asTrained, wide), MARKED_BOUND));
    if (reference.has(clip + ".embedded36")) {
      comparisons.add(close(clip + ".embedded36", mark(asCsm, wide), MARKED_BOUND));
    }
    comparisons.add(close(clip + ".output", mark(asTrained, input), MARKED_BOUND));
    comparisons.add(
        Comparison.equal(
            "watermark." + clip + ".symbols",
            strongest(clip + ".logits"),
            asTrained.symbols(marked)));
    comparisons.add(
        Comparison.same(
            "watermark." + clip + ".key",
            Outcome.MATCH,
            asTrained.detect(marked, WatermarkKey.PUBLIC_DEMO).outcome()));
    return comparisons;
  }

  private static AudioClip mark(Watermark watermark, AudioClip clip) {
    return watermark.embed(clip, WatermarkKey.PUBLIC_DEMO);
  }

  private Comparison close(String key, AudioClip found, double bound) {
    return Comparison.close("watermark." + key, reference.floats(key), found.samples(), bound);
  }

  /** Symbol of the largest of each frame's logits, which are (symbols, frames). */
  private int[] strongest(String key) {
    float[] logits = reference.floats(key);
    int frames = Math.toIntExact(reference.shape(key)[1]);
    int[] strongest = new int[frames];
    for (int i = 0; i < logits.length; i++) {
      int frame = i % frames;
      if (logits[i] > logits[strongest[frame] * frames + frame]) {
        strongest[frame] = i / frames;
      }
    }
    return strongest;
  }

  private Watermark asTrained() {
    try (Watermark watermark = load(OptionalDouble.empty())) {
      return load(OptionalDouble.of(watermark.trainedDecibels()));
    }
  }

  private Watermark load(OptionalDouble decibels) {
    WatermarkSettings usual = WatermarkSettings.DEFAULT;
    return Watermark.load(
        engine, folder, new WatermarkSettings(decibels, usual.threshold(), usual.minimumRepeats()));
  }
}
