package dev.utter.speech.watermark;

import dev.utter.speech.audio.AudioClip;
import dev.utter.speech.audio.Resampler;

/**
 * The slow twin of {@link Detector}: the reference's search, every tenth offset of a hop, the first
 * of those with the highest confidence.
 */
final class ExhaustiveDetector {
  private ExhaustiveDetector() {}

  static MessageCode.Reading read(
      WatermarkNetworks networks, HyperParameters numbers, AudioClip clip) {
    float[] samples = Resampler.resample(clip, numbers.sampleRate()).samples();
    samples = Loudness.scale(samples, Loudness.gain(samples));
    Detector detector = new Detector(networks, numbers, WatermarkSettings.DEFAULT);
    MessageCode.Reading best = detector.read(samples, 0);
    for (int offset = 10; offset < numbers.hop(); offset += 10) {
      MessageCode.Reading reading = detector.read(samples, offset);
      best = reading.confidence() > best.confidence() ? reading : best;
    }
    return best;
  }
}
