package dev.utter.speech.csm;

import dev.utter.speech.SynthesisOptions;
import java.util.Arrays;

/** Choice of codes in plain loops, the noise drawn one number at a time. */
final class PlainSampler {

  private static final long GOLDEN = 0x9e3779b97f4a7c15L;

  private final SynthesisOptions options;
  private final int usable;

  PlainSampler(SynthesisOptions options, int usable) {
    this.options = options;
    this.usable = usable;
  }

  int sample(double[] logits, int frame, int codebook) {
    double[] kept = Arrays.copyOf(logits, usable);
    if (!options.isGreedy()) {
      double[] sorted = kept.clone();
      Arrays.sort(sorted);
      double least = sorted[Math.max(0, usable - options.topK())];
      for (int i = 0; i < usable; i++) {
        kept[i] = kept[i] < least ? Double.NEGATIVE_INFINITY : kept[i] / options.temperature();
      }
      kept = PlainTransformer.softmax(kept);
      for (int i = 0; i < usable; i++) {
        kept[i] /= exponential(options.seed(), frame, codebook, i);
      }
    }
    int best = 0;
    for (int i = 1; i < usable; i++) {
      best = kept[i] > kept[best] ? i : best;
    }
    return best;
  }

  static double exponential(long seed, int frame, int codebook, int entry) {
    long frameKey = mix(mix(seed) + (frame + 1) * GOLDEN);
    long bits = mix(frameKey + (codebook * (1L << 20) + entry + 1) * GOLDEN);
    return -Math.log(((bits >>> 12) + 0.5) * 0x1p-52);
  }

  private static long mix(long x) {
    x = (x ^ (x >>> 30)) * 0xbf58476d1ce4e5b9L;
    x = (x ^ (x >>> 27)) * 0x94d049bb133111ebL;
    return x ^ (x >>> 31);
  }
}
