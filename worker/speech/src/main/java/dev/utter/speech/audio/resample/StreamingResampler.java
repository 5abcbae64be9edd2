package dev.utter.speech.audio.resample;

/**
 * The resampling of {@link Resampler}, bit for bit, on samples as they arrive. It keeps a window of
 * its input and the kernels, never the input as a whole. Not safe for several threads.
 */
public final class StreamingResampler {
  private static final int WINDOW = 1 << 14;

  private final SampleBuffer output;
  private final int orig;
  private final int next;
  private final float[][] kernels;

  /** Input samples from index {@link #windowStart} on. */
  private float[] window;

  private int windowLength;
  private long windowStart;
  private long produced;

  public StreamingResampler(int from, int to, SampleBuffer output) {
    this.output = output;
    int divisor = Resampler.greatestCommonDivisor(from, to);
    orig = from / divisor;
    next = to / divisor;
    kernels = orig == next ? new float[0][] : new float[next][];
    window = new float[WINDOW + 2 * Resampler.reach(orig, next) + 2];
  }

  public void add(float sample) {
    if (orig == next) {
      output.add(sample);
      return;
    }
    if (windowLength == window.length) {
      produce(windowStart + windowLength, Long.MAX_VALUE);
      forget();
    }
    window[windowLength++] = sample;
  }

  /** Writes the remaining output after the end of the input. */
  public void finish() {
    if (orig != next) {
      long received = windowStart + windowLength;
      produce(Long.MAX_VALUE, (received * next + orig - 1) / orig);
    }
  }

  /** Output samples below {@code end} whose kernels lie below {@code available} of the input. */
  private void produce(long available, long end) {
    long received = windowStart + windowLength;
    while (produced < end) {
      int phase = (int) (produced % next);
      int first = Resampler.firstTap(orig, next, phase);
      long start = produced / next * orig + first;
      if (kernels[phase] == null) {
        kernels[phase] = Resampler.kernel(orig, next, phase);
      }
      float[] kernel = kernels[phase];
      if (start + kernel.length > available) {
        return;
      }
      int from = (int) Math.max(0, -start);
      int to = (int) Math.min(kernel.length, received - start);
      int at = (int) (start - windowStart);
      float sum = 0;
      for (int tap = from; tap < to; tap++) {
        sum += kernel[tap] * window[at + tap];
      }
      output.add(sum);
      produced++;
    }
  }

  /** Drops the input that no later output needs. */
  private void forget() {
    long needed = produced / next * orig + Resampler.firstTap(orig, next, (int) (produced % next));
    int dropped = (int) Math.max(0, Math.min(windowLength, needed - windowStart));
    System.arraycopy(window, dropped, window, 0, windowLength - dropped);
    windowLength -= dropped;
    windowStart += dropped;
    if (windowLength == window.length) {
      throw new IllegalStateException("the window of " + window.length + " samples is too small");
    }
  }
}
