package dev.utter.speech.watermark;

import dev.utter.speech.audio.AudioClip;
import dev.utter.speech.audio.resample.Resampler;
import dev.utter.speech.torch.TorchEngine;
import dev.utter.speech.watermark.WatermarkSettings.Precision;
import dev.utter.speech.watermark.network.HyperParameters;
import dev.utter.speech.watermark.network.LookPrecision;
import dev.utter.speech.watermark.network.Loudness;
import dev.utter.speech.watermark.network.PassPriority;
import dev.utter.speech.watermark.network.WatermarkNetworks;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;

/**
 * SilentCipher: puts an inaudible key into clips and finds it again (Singh et al., 2024, in the
 * version CSM uses). A mark depends on the whole clip, so clips are marked whole and one by one,
 * never in pieces.
 *
 * <p>Threading: safe for several threads; passes through the networks take turns step by step, the
 * more urgent first, and what they hold together is bounded by {@link #passBytes}.
 */
public final class Watermark implements AudioWatermark {
  private final WatermarkNetworks networks;
  private final HyperParameters numbers;
  private final WatermarkSettings settings;
  private final PassPriority priority;
  private final Runnable afterStep;
  private final Detector detector;
  private final double ratio;

  private Watermark(WatermarkNetworks networks, WatermarkSettings settings) {
    this(networks, settings, PassPriority.NORMAL, () -> {});
  }

  private Watermark(
      WatermarkNetworks networks,
      WatermarkSettings settings,
      PassPriority priority,
      Runnable afterStep) {
    this.networks = networks;
    numbers = networks.numbers();
    this.settings = settings;
    this.priority = priority;
    this.afterStep = afterStep;
    boolean reduces = settings.precision() == Precision.AUTO && networks.reducible();
    detector =
        new Detector(
            (samples, precision) -> networks.symbols(samples, precision, priority, afterStep),
            numbers,
            settings,
            reduces);
    ratio = Math.pow(10, settings.strengthFor(numbers.strengthDecibels()) / 20);
  }

  /**
   * Loads a network: {@code hparams.yaml}, {@code enc_c.ckpt}, {@code dec_c.ckpt} and {@code
   * dec_m_0.ckpt}, as published.
   *
   * @throws dev.utter.speech.failure.CheckpointException if a file is missing, damaged or of
   *     another kind
   */
  public static Watermark load(TorchEngine engine, Path folder, WatermarkSettings settings) {
    return new Watermark(WatermarkNetworks.load(engine, folder), settings);
  }

  /**
   * Networks of SilentCipher's published sizes with random weights, for measuring what marking and
   * looking cost where the published files are not at hand. Their marks cannot be read, so {@link
   * #detect} finds nothing; {@link #readOnce} costs what a look at a marked clip does.
   */
  public static Watermark random(TorchEngine engine, long seed, WatermarkSettings settings) {
    return new Watermark(WatermarkNetworks.random(engine, seed), settings);
  }

  /**
   * Native memory that passes through the networks of a folder can take in this process, all
   * workers of it together, in bytes: those of the longest clip, and of an interactive one beside
   * it.
   *
   * @param marks whether clips are marked; else they are only looked at
   * @throws dev.utter.speech.failure.CheckpointException if a file is missing, damaged or of
   *     another kind
   */
  public static long passBytes(Path folder, boolean marks) {
    return WatermarkNetworks.passBytes(folder, marks);
  }

  /**
   * The same clip, marked: rate and length stay. Silence stays unchanged, because it cannot hide a
   * mark.
   */
  @Override
  public AudioClip embed(AudioClip clip, WatermarkKey key) {
    AudioClip wide = Resampler.resample(clip, numbers.sampleRate());
    double gain = Loudness.gain(wide.samples());
    if (gain == 0) {
      return clip;
    }
    float[] marked =
        networks.embed(
            Loudness.scale(wide.samples(), gain),
            MessageCode.symbols(key.bytes()),
            ratio,
            priority);
    AudioClip back =
        Resampler.resample(
            new AudioClip(Loudness.scale(marked, 1 / gain), numbers.sampleRate()),
            clip.sampleRate());
    return new AudioClip(Arrays.copyOf(back.samples(), clip.samples().length), clip.sampleRate());
  }

  /**
   * Looks for a mark in a clip of any rate: first at the offset where a clip that was marked here
   * and never cut has it, then at other offsets of less than one hop. It takes one pass in the
   * first case, and seldom more than four if the clip was cut, has no mark or has another key; all
   * keys are compared with the symbols of the same passes. Of a clip of nine repeats of the message
   * and more, parts of five are read before that. A part that is beyond doubt is a match, whatever
   * the rest of the clip is.
   */
  @Override
  public Detection detect(AudioClip clip, KeyRing keys) {
    return detector.detect(clip, keys);
  }

  /**
   * The most likely symbol of every frame of a clip, read from its beginning and before any vote:
   * for comparison with the reference.
   */
  public int[] symbols(AudioClip clip) {
    float[] wide = Resampler.resample(clip, numbers.sampleRate()).samples();
    return networks.symbols(
        Loudness.scale(wide, Loudness.gain(wide)), LookPrecision.EXACT, priority, afterStep);
  }

  /**
   * The symbols of the first look of {@link #detect}. It is the only one at a clip that was marked
   * here and never cut, if that clip is read whole, and at five in six of those read in parts.
   */
  public int[] readOnce(AudioClip clip) {
    return detector.readOnce(clip);
  }

  /** The same networks; {@link #close} frees those of both. */
  @Override
  public Watermark at(PassPriority other) {
    return new Watermark(networks, settings, other, afterStep);
  }

  @Override
  public Watermark reporting(Runnable other) {
    return new Watermark(networks, settings, priority, other);
  }

  /** The rate the network works at, in Hz. */
  public int sampleRate() {
    return numbers.sampleRate();
  }

  /** The ratio of clip to mark the network was trained for, in dB. */
  public double trainedDecibels() {
    return numbers.strengthDecibels();
  }

  /** The shortest clip that holds one whole message; a mark in a shorter one cannot be read. */
  @Override
  public Duration minimumDuration() {
    long samples = (long) numbers.messageLength() * numbers.hop();
    return Duration.ofNanos(
        (samples * 1_000_000_000L + numbers.sampleRate() - 1) / numbers.sampleRate());
  }

  @Override
  public void close() {
    networks.close();
  }
}
