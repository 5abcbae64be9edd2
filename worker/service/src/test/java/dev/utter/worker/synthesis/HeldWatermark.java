package dev.utter.worker.synthesis;

import dev.utter.speech.audio.AudioClip;
import dev.utter.speech.watermark.AudioWatermark;
import dev.utter.speech.watermark.Detection;
import dev.utter.speech.watermark.KeyRing;
import dev.utter.speech.watermark.WatermarkKey;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;

/** The real watermark, which marks nothing until it is released. */
final class HeldWatermark implements AudioWatermark {
  private final CountDownLatch letGo = new CountDownLatch(1);
  private final AudioWatermark watermark;

  HeldWatermark(AudioWatermark watermark) {
    this.watermark = watermark;
  }

  void letGo() {
    letGo.countDown();
  }

  @Override
  public AudioClip embed(AudioClip clip, WatermarkKey key) {
    try {
      letGo.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return watermark.embed(clip, key);
  }

  @Override
  public Detection detect(AudioClip clip, KeyRing expected) {
    return watermark.detect(clip, expected);
  }

  @Override
  public Duration minimumDuration() {
    return watermark.minimumDuration();
  }

  @Override
  public void close() {
    watermark.close();
  }
}
