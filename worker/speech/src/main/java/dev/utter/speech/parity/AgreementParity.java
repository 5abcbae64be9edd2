package dev.utter.speech.parity;

import dev.utter.speech.AudioCodes;
import dev.utter.speech.checkpoint.config.CsmConfig;
import dev.utter.speech.csm.FrameTrace;
import dev.utter.speech.measure.FrameGenerator;
import dev.utter.speech.measure.PrecisionQuality;
import dev.utter.speech.text.Prompt;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * How far a lower precision is from the reference. It runs with teacher forcing on the reference's
 * codes, so that one early difference counts once, and is compared code by code.
 */
final class AgreementParity {

  /** A network of random weights has many codes nearly as probable as the first. */
  private static final double DISAGREEMENT_BOUND = 0.1;

  private static final double DIVERGENCE_BOUND = 0.01;

  private final CsmConfig config;
  private final FrameGenerator generator;
  private final ReferenceNumbers reference;

  AgreementParity(CsmConfig config, FrameGenerator generator, ReferenceNumbers reference) {
    this.config = config;
    this.generator = generator;
    this.reference = reference;
  }

  /**
   * Compares one case.
   *
   * @param name the case's
   * @param path the reference's frames, the ending one included
   */
  List<Comparison> compare(String name, Prompt prompt, AudioCodes path) {
    List<FrameTrace> traces = generator.follow(prompt, path);
    List<Comparison> comparisons = new ArrayList<>();
    comparisons.add(choices("case." + name + ".codes", path.values(), traces));
    divergence(
            "case." + name + ".codebook0_logits",
            traces.stream().map(FrameTrace::codebook0Logits).toList())
        .ifPresent(comparisons::add);
    divergence("depth." + name + ".frame0_logits", traces.get(0).depthLogits())
        .ifPresent(comparisons::add);
    return comparisons;
  }

  private Comparison choices(String key, int[] expected, List<FrameTrace> traces) {
    int entries = config.codec().codebookSize();
    int different = 0;
    for (int i = 0; i < expected.length; i++) {
      FrameTrace trace = traces.get(i / config.codebooks());
      int codebook = i % config.codebooks();
      float[] logits =
          codebook == 0 ? trace.codebook0Logits() : trace.depthLogits().get(codebook - 1);
      different += PrecisionQuality.largest(logits, entries) == expected[i] ? 0 : 1;
    }
    return new Comparison(
        key + " chosen otherwise",
        (double) different / expected.length,
        DISAGREEMENT_BOUND,
        String.format(
            Locale.ROOT,
            "share; %d of %d codes chosen alike",
            expected.length - different,
            expected.length));
  }

  /** Mean over the rows the reference has; nothing if it has none. */
  private Optional<Comparison> divergence(String key, List<float[]> found) {
    if (!reference.has(key)) {
      return Optional.empty();
    }
    float[] expected = reference.floats(key);
    int width = found.get(0).length;
    int rows = Math.min(expected.length / width, found.size());
    double sum = 0;
    for (int row = 0; row < rows; row++) {
      float[] exact = Arrays.copyOfRange(expected, row * width, (row + 1) * width);
      sum += PrecisionQuality.divergence(exact, found.get(row), config.codec().codebookSize());
    }
    return Optional.of(
        new Comparison(
            key + " divergence",
            sum / rows,
            DIVERGENCE_BOUND,
            "nats, mean over " + rows + " codes"));
  }
}
