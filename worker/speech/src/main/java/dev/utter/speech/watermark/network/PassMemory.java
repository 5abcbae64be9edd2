package dev.utter.speech.watermark.network;

import dev.utter.speech.audio.AudioLimits;
import dev.utter.speech.watermark.network.NetworkSizes.Layer;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/**
 * How much native memory passes take, by arithmetic. A pass holds a plane as wide as its widest
 * layer, {@code channels · frequencies · frames · 4} bytes, and while it marks the spectrum.
 */
final class PassMemory {
  /** The longest clip that is marked: the maximum length of a model's clip. */
  static final Duration LONGEST_MARKED = Duration.ofSeconds(90);

  /** The longest clip that is looked at. */
  static final Duration LONGEST_READ = AudioLimits.DEFAULT.maxDuration();

  /** A complex number. */
  private static final int SPECTRUM = 2 * Float.BYTES;

  /**
   * For each position of a spectrum, while the transforms run: padded samples, frames, magnitudes
   * and copies of the spectrum.
   */
  private static final int TRANSFORMS = 5 * SPECTRUM;

  /** Numbers of a channel while an operator convolves: 36 of each of 36 tiles. */
  private static final long TILE_NUMBERS = 36 * 36;

  private final NetworkSizes sizes;
  private final HyperParameters numbers;

  PassMemory(NetworkSizes sizes, HyperParameters numbers) {
    this.sizes = sizes;
    this.numbers = numbers;
  }

  /** A pass that marks this many samples. */
  long embedBytes(int samples) {
    long positions = positions(samples, numbers.fftSize() / 2 + 1);
    return positions * ((long) NetworkSizes.width(sizes.carrier()) * Float.BYTES + TRANSFORMS);
  }

  /** A pass that looks at this many samples. */
  long lookBytes(int samples) {
    long transforms = positions(samples, numbers.fftSize() / 2 + 1) * TRANSFORMS;
    long plane =
        positions(samples, numbers.band()) * NetworkSizes.width(sizes.message()) * Float.BYTES;
    return Math.max(transforms, plane + positions(samples, numbers.band()) * SPECTRUM);
  }

  /**
   * Maximum memory of the open passes of the lanes below interactive together: one for the longest
   * clip.
   */
  long limitBytes() {
    return Math.max(embedBytes(samples(LONGEST_MARKED)), lookBytes(samples(LONGEST_READ)));
  }

  /**
   * Maximum memory of all open passes: those, and an interactive one.
   *
   * @param marks whether clips are marked; else they are only looked at, one at a time
   */
  long totalBytes(boolean marks) {
    if (!marks) {
      return lookBytes(samples(LONGEST_READ)) + blockBytes();
    }
    return limitBytes() + embedBytes(samples(LONGEST_MARKED)) + blockBytes();
  }

  /**
   * A block of the widest layer, with the work areas of the convolution; for one step at a time.
   * Each thread of the CPU operators has an area of its own.
   */
  private long blockBytes() {
    List<Layer> layers =
        Stream.of(sizes.encoder(), sizes.carrier(), sizes.message()).flatMap(List::stream).toList();
    long channels =
        layers.stream().mapToLong(layer -> layer.inputs() + 2L * layer.outputs()).max().orElse(0);
    long threads = Runtime.getRuntime().availableProcessors();
    return (4 * WatermarkNetworks.BLOCK + threads * TILE_NUMBERS) * channels * Float.BYTES;
  }

  private long positions(int samples, int frequencies) {
    return (long) numbers.frames(samples) * frequencies;
  }

  private int samples(Duration duration) {
    return Math.toIntExact(duration.toMillis() * numbers.sampleRate() / 1000);
  }
}
