package dev.utter.speech.audio.decode;

import dev.utter.speech.audio.AudioClip;
import dev.utter.speech.audio.AudioNote;
import dev.utter.speech.audio.Clips;
import dev.utter.speech.audio.DecodeOptions;
import dev.utter.speech.audio.Recording;
import dev.utter.speech.audio.file.UnreadableAudioException;
import dev.utter.speech.audio.resample.SampleBuffer;
import dev.utter.speech.audio.resample.StreamingResampler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Makes a recording of the sample frames that a decoder delivers: averages the channels, resamples
 * as the samples arrive, and records what would spoil a voice. Memory grows with the result, not
 * with the input. Not safe for several threads.
 */
final class ClipBuilder {
  /** Average of all channels. */
  static final int ALL_CHANNELS = -1;

  /** If the average is quieter than the loudest channel by this factor, the channels cancel. */
  private static final double CANCELLED = 0.01;

  /** Largest peak that may be loud audio for -1..1; larger values have another scale. */
  private static final float LOUDEST = 16;

  /** Smallest peak of samples that may be 16-bit numbers in a float format. */
  private static final float SMALLEST_INTEGERS = 64;

  private static final float SIXTEEN_BITS = 32768;

  private final int rate;
  private final int channels;
  private final int onlyChannel;
  private final long maxFrames;
  private final Duration maxDuration;
  private final double[] energy;
  private final SampleBuffer samples = new SampleBuffer();
  private final StreamingResampler resampler;
  private final SoundMonitor monitor;
  private final int outputRate;
  private double mixedEnergy;
  private float peak;
  private long peakAt;
  private long overAt = -1;
  private long frames;

  ClipBuilder(
      int rate, int channels, int onlyChannel, DecodeOptions options, Duration maxDuration) {
    this.rate = rate;
    this.channels = channels;
    this.onlyChannel = onlyChannel;
    this.maxDuration = maxDuration;
    maxFrames = Clips.maxFrames(rate, maxDuration);
    energy = new double[channels];
    outputRate = options.rateFor(rate);
    resampler = new StreamingResampler(rate, outputRate, samples);
    monitor = new SoundMonitor(rate, channels);
  }

  int rate() {
    return rate;
  }

  int channels() {
    return channels;
  }

  /** Sample frames received. */
  long frames() {
    return frames;
  }

  /** Playing time received. */
  Duration duration() {
    return timeOf(frames);
  }

  /**
   * Takes one sample of every channel.
   *
   * @throws UnreadableAudioException if a value is not a finite number, or the clip exceeds the
   *     longest allowed
   */
  void add(double[] frame) {
    if (frames == maxFrames) {
      throw new UnreadableAudioException(
          "duration is more than " + seconds(maxDuration) + " s, the longest allowed");
    }
    double sum = 0;
    for (int channel = 0; channel < channels; channel++) {
      double value = frame[channel];
      energy[channel] += value * value;
      sum += value;
    }
    float mixed = (float) (onlyChannel == ALL_CHANNELS ? sum / channels : frame[onlyChannel]);
    if (!Float.isFinite(mixed)) {
      throw new UnreadableAudioException(
          "sample %d is %s, must be a finite number".formatted(frames, mixed));
    }
    mixedEnergy += (double) mixed * mixed;
    float size = Math.abs(mixed);
    if (size > peak) {
      peak = size;
      peakAt = frames;
    }
    if (size > 1 && overAt < 0) {
      overAt = frames;
    }
    monitor.add(frame, mixed);
    resampler.add(mixed);
    frames++;
  }

  /** The channel to use instead of the average, or {@link #ALL_CHANNELS}. */
  int channelInstead() {
    int loudest = 0;
    for (int channel = 1; channel < channels; channel++) {
      if (energy[channel] > energy[loudest]) {
        loudest = channel;
      }
    }
    boolean cancelled =
        onlyChannel == ALL_CHANNELS && channels > 1 && mixedEnergy < CANCELLED * energy[loudest];
    return cancelled ? loudest : ALL_CHANNELS;
  }

  /**
   * Returns the recording. The builder cannot be used afterwards.
   *
   * @param more notes of the caller
   * @throws UnreadableAudioException if there are no samples, or samples that cannot be sound
   */
  Recording finish(List<AudioNote> more) {
    if (frames == 0) {
      throw new UnreadableAudioException("the file holds no samples");
    }
    resampler.finish();
    float[] all = samples.drain();
    List<AudioNote> notes = new ArrayList<>(more);
    if (peak > LOUDEST) {
      bringIntoRange(all);
      notes.add(
          note(
              AudioNote.Kind.OUT_OF_RANGE,
              overAt,
              "samples are 16-bit numbers in a float format; they are divided by 32768"));
    } else if (peak > 1) {
      notes.add(
          note(
              AudioNote.Kind.OUT_OF_RANGE,
              overAt,
              "samples go up to %.2f, beyond the range of -1 to 1".formatted(peak)));
    }
    notes.addAll(monitor.notes(peak > LOUDEST));
    notes.sort((a, b) -> a.position().compareTo(b.position()));
    return new Recording(new AudioClip(all, outputRate), notes);
  }

  private void bringIntoRange(float[] all) {
    if (peak < SMALLEST_INTEGERS || peak > SIXTEEN_BITS) {
      throw new UnreadableAudioException(
          "sample %d is %s, must be from -1 to 1".formatted(peakAt, peak));
    }
    for (int i = 0; i < all.length; i++) {
      all[i] /= SIXTEEN_BITS;
    }
  }

  private AudioNote note(AudioNote.Kind kind, long frame, String message) {
    return new AudioNote(kind, timeOf(frame), message);
  }

  Duration timeOf(long frame) {
    return Duration.ofNanos(Math.round(frame * 1e9 / rate));
  }

  /** Seconds with three digits, as in messages. */
  static String seconds(Duration duration) {
    return String.format(Locale.ROOT, "%.3f", duration.toNanos() / 1e9);
  }
}
