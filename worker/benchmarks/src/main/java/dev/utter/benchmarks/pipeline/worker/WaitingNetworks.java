package dev.utter.benchmarks.pipeline.worker;

import dev.utter.speech.SpeechModel;
import dev.utter.speech.audio.AudioClip;
import dev.utter.speech.watermark.AudioWatermark;
import dev.utter.speech.watermark.Detection;
import dev.utter.speech.watermark.KeyRing;
import dev.utter.speech.watermark.WatermarkKey;
import dev.utter.worker.network.Networks;
import dev.utter.worker.settings.WorkerSettings;
import java.time.Duration;

/** The waiting engine, and a watermark that does nothing. */
final class WaitingNetworks implements Networks {
  private final int slots;
  private final Duration job;

  WaitingNetworks(int slots, Duration job) {
    this.slots = slots;
    this.job = job;
  }

  @Override
  public SpeechModel speech(WorkerSettings settings) {
    return new WaitingSpeechModel(slots, job);
  }

  @Override
  public AudioWatermark watermark(WorkerSettings settings) {
    return new NoWatermark();
  }

  /** Marks nothing, and reports a match for every clip. */
  private static final class NoWatermark implements AudioWatermark {
    @Override
    public AudioClip embed(AudioClip clip, WatermarkKey key) {
      return clip;
    }

    @Override
    public Detection detect(AudioClip clip, KeyRing expected) {
      return Detection.match(expected.marking().id(), 1, "nothing was looked for");
    }

    @Override
    public Duration minimumDuration() {
      return Duration.ZERO;
    }

    @Override
    public void close() {}
  }
}
