package dev.utter.speech.audio.resample;

/**
 * The slow reference of {@link Resampler}: the published formulas as they stand, every tap of every
 * phase, padded input, in double precision but for the kernel.
 */
final class DenseResampler {
  private DenseResampler() {}

  static float[] resample(float[] input, int orig, int next) {
    double base = Math.min(orig, next) * 0.99;
    int width = (int) Math.ceil(6 * orig / base);
    int length = (int) Math.ceil((double) next * input.length / orig);
    float[] output = new float[length];
    for (int j = 0; j < length; j++) {
      int phase = j % next;
      int start = j / next * orig;
      double sum = 0;
      for (int m = -width; m < width + orig; m++) {
        int at = start + m;
        if (at >= 0 && at < input.length) {
          sum += (double) tap(orig, next, phase, m, base) * input[at];
        }
      }
      output[j] = (float) sum;
    }
    return output;
  }

  private static float tap(int orig, int next, int phase, int m, double base) {
    float t = (float) -phase / next + (float) m / orig;
    t = Math.max(-6, Math.min(6, t * (float) base));
    float cosine = (float) Math.cos(t * (float) Math.PI / 6 / 2);
    float angle = t * (float) Math.PI;
    float sinc = angle == 0 ? 1 : (float) Math.sin(angle) / angle;
    return sinc * (cosine * cosine * (float) (base / orig));
  }
}
