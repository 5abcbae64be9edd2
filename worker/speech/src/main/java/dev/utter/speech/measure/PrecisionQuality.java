package dev.utter.speech.measure;

import dev.utter.speech.SynthesisOptions;
import dev.utter.speech.checkpoint.Checkpoint;
import dev.utter.speech.csm.CsmProgram;
import dev.utter.speech.csm.FrameTrace;
import dev.utter.speech.csm.KeyValues;
import dev.utter.speech.text.Prompt;
import dev.utter.speech.torch.EngineSettings;
import dev.utter.speech.torch.EngineSettings.Precision;
import dev.utter.speech.torch.TorchEngine;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The loss of quality of a precision against 32 bit, on the same checkpoint and prompt. 32 bit
 * generates greedily. The other precision is forced along the same codes, and its own most probable
 * code is compared with each. So one early difference does not count many times.
 *
 * @param precision the precision compared with 32 bit
 * @param codes codes compared: frames times codebooks
 * @param agreement share of equal codes, 0 to 1
 * @param meanDivergence mean Kullback-Leibler divergence of the code's distributions at temperature
 *     1, from 32 bit to this precision, in nats
 */
public record PrecisionQuality(
    Precision precision, int codes, double agreement, double meanDivergence) {

  /** The codes of one frame, and their logits. */
  private record Step(int[] codes, List<float[]> logits) {}

  /**
   * Compares. Loads the model twice, one after the other.
   *
   * @param settings the engine's, with the precision to compare
   * @param frames how many frames to compare, at least 1
   * @throws IllegalArgumentException if prompt and frames need more positions than there are, or
   *     the device does not support the precision
   */
  public static PrecisionQuality measure(
      EngineSettings settings, Checkpoint checkpoint, Prompt prompt, int frames) {
    int maxFrames = checkpoint.config().backbone().maxPositions() - prompt.positions();
    if (frames < 1 || frames > maxFrames) {
      throw new IllegalArgumentException(
          "frames is " + frames + ", must be from 1 to " + maxFrames);
    }
    EngineSettings exact = settings.withPrecision(Precision.FLOAT32);
    List<Step> expected = steps(exact, checkpoint, prompt, frames, List.of());
    List<Step> found = steps(settings, checkpoint, prompt, frames, expected);
    return compare(
        settings.precision(), expected, found, checkpoint.config().codec().codebookSize());
  }

  /** Runs {@code frames} frames, along the codes of {@code path} if there is one. */
  private static List<Step> steps(
      EngineSettings settings, Checkpoint checkpoint, Prompt prompt, int frames, List<Step> path) {
    int last = prompt.positions() - 1;
    List<Step> steps = new ArrayList<>();
    try (CsmProgram program = CsmProgram.load(TorchEngine.start(settings), checkpoint);
        KeyValues keyValues = program.newKeyValues(last)) {
      program.trace(true);
      program.reserve(1, prompt.positions() + frames);
      program.prefill(keyValues, prompt, 0, last);
      int[] row = prompt.rows(last, last + 1);
      program.join(0, keyValues, row, last, 0, SynthesisOptions.greedy(frames));
      for (int frame = 0; frame < frames; frame++) {
        if (!path.isEmpty()) {
          program.forceCodes(path.get(frame).codes());
        }
        int[] codes = program.stepAlone(prompt.positions() + frame, 1);
        FrameTrace trace = program.latestTrace();
        steps.add(
            new Step(
                codes,
                Stream.concat(Stream.of(trace.codebook0Logits()), trace.depthLogits().stream())
                    .toList()));
      }
    }
    return steps;
  }

  private static PrecisionQuality compare(
      Precision precision, List<Step> expected, List<Step> found, int entries) {
    int codes = 0;
    int agreed = 0;
    double divergence = 0;
    for (int frame = 0; frame < expected.size(); frame++) {
      Step exact = expected.get(frame);
      for (int codebook = 0; codebook < exact.codes().length; codebook++) {
        float[] logits = found.get(frame).logits().get(codebook);
        codes++;
        agreed += largest(logits, entries) == exact.codes()[codebook] ? 1 : 0;
        divergence += divergence(exact.logits().get(codebook), logits, entries);
      }
    }
    return new PrecisionQuality(precision, codes, (double) agreed / codes, divergence / codes);
  }

  /** Index of the largest of the first {@code entries} logits; the first of equals. */
  public static int largest(float[] logits, int entries) {
    int largest = 0;
    for (int i = 1; i < entries; i++) {
      largest = logits[i] > logits[largest] ? i : largest;
    }
    return largest;
  }

  /**
   * Kullback-Leibler divergence from the distribution of one list of logits to that of another, in
   * nats.
   *
   * @param entries number of codes that can be sampled, from the first on
   */
  public static double divergence(float[] p, float[] q, int entries) {
    double totalP = logSumExp(p, entries);
    double totalQ = logSumExp(q, entries);
    double sum = 0;
    for (int i = 0; i < entries; i++) {
      double logP = p[i] - totalP;
      sum += Math.exp(logP) * (logP - (q[i] - totalQ));
    }
    return sum;
  }

  private static double logSumExp(float[] logits, int entries) {
    double max = logits[largest(logits, entries)];
    double sum = 0;
    for (int i = 0; i < entries; i++) {
      sum += Math.exp(logits[i] - max);
    }
    return max + Math.log(sum);
  }
}
