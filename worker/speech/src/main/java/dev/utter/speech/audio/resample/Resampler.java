package dev.utter.speech.audio.resample;

import dev.utter.speech.audio.AudioClip;

/**
 * Windowed-sinc resampling with the numbers of {@code torchaudio.functional.resample}'s defaults:
 * Hann window, six zero crossings a side, roll-off 0.99, kernels computed in single precision in
 * the reference's order of operations.
 *
 * <p>The reference convolves with kernels of {@code 2·width + orig} taps, nearly all of which lie
 * outside the window; here only the taps inside are kept, so that cost and memory stay small for
 * rates without a common divisor.
 */
public final class Resampler {
  private static final int ZERO_CROSSINGS = 6;
  private static final double ROLL_OFF = 0.99;

  private Resampler() {}

  /**
   * The clip at another rate; the clip itself when it has that rate already.
   *
   * @return {@code ceil(length · rate / clip.sampleRate())} samples
   * @throws IllegalArgumentException if the rate is below 1 or the result would not fit an array
   */
  public static AudioClip resample(AudioClip clip, int rate) {
    if (rate < 1) {
      throw new IllegalArgumentException("rate is " + rate + ", must be at least 1");
    }
    if (rate == clip.sampleRate()) {
      return clip;
    }
    int divisor = greatestCommonDivisor(clip.sampleRate(), rate);
    int orig = clip.sampleRate() / divisor;
    int next = rate / divisor;
    float[] input = clip.samples();
    long length = ((long) input.length * next + orig - 1) / orig;
    if (length > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException(
          "resampling " + clip + " to " + rate + " Hz gives " + length + " samples, too many");
    }
    float[] output = new float[(int) length];
    for (int phase = 0; phase < Math.min(next, length); phase++) {
      convolve(input, orig, next, phase, output);
    }
    return new AudioClip(output, rate);
  }

  /** Fills output samples phase, phase + next, phase + 2·next and so on. */
  private static void convolve(float[] input, int orig, int next, int phase, float[] output) {
    float[] kernel = kernel(orig, next, phase);
    long start = firstTap(orig, next, phase);
    for (long at = phase; at < output.length; at += next, start += orig) {
      int from = (int) Math.max(0, -start);
      int to = (int) Math.min(kernel.length, input.length - start);
      float sum = 0;
      for (int tap = from; tap < to; tap++) {
        sum += kernel[tap] * input[(int) (start + tap)];
      }
      output[(int) at] = sum;
    }
  }

  /** How many input samples a kernel reaches to either side of its centre, rounded up. */
  static int reach(int orig, int next) {
    return (int) Math.ceil(exactReach(orig, next));
  }

  /** Index of the first input sample that an output sample of the first block uses. */
  static int firstTap(int orig, int next, int phase) {
    return (int) Math.ceil((double) phase * orig / next - exactReach(orig, next));
  }

  private static double exactReach(int orig, int next) {
    return ZERO_CROSSINGS * orig / baseRate(orig, next);
  }

  private static double baseRate(int orig, int next) {
    return Math.min(orig, next) * ROLL_OFF;
  }

  /** The taps of one phase, from {@link #firstTap} on. */
  static float[] kernel(int orig, int next, int phase) {
    double baseRate = baseRate(orig, next);
    int first = firstTap(orig, next, phase);
    int last = (int) Math.floor((double) phase * orig / next + exactReach(orig, next));
    float scale = (float) (baseRate / orig);
    float[] kernel = new float[last - first + 1];
    for (int tap = first; tap <= last; tap++) {
      float t = (float) -phase / next + (float) tap / orig;
      t *= (float) baseRate;
      t = Math.max(-ZERO_CROSSINGS, Math.min(ZERO_CROSSINGS, t));
      float cosine = (float) Math.cos(t * (float) Math.PI / ZERO_CROSSINGS / 2);
      float window = cosine * cosine;
      t *= (float) Math.PI;
      float sinc = t == 0 ? 1 : (float) Math.sin(t) / t;
      kernel[tap - first] = sinc * (window * scale);
    }
    return kernel;
  }

  static int greatestCommonDivisor(int a, int b) {
    return b == 0 ? a : greatestCommonDivisor(b, a % b);
  }
}
