package dev.utter.benchmarks.engine;

import dev.utter.benchmarks.measure.SizedWatermark;
import dev.utter.speech.audio.AudioClip;
import dev.utter.speech.torch.TorchEngine;
import dev.utter.speech.watermark.AudioWatermark;
import dev.utter.speech.watermark.Watermark;
import dev.utter.speech.watermark.WatermarkKey;
import dev.utter.speech.watermark.WatermarkSettings;
import java.nio.file.Path;
import java.util.List;

/**
 * Marks clips and looks for the marks, with a clock.
 *
 * <p>Threading: one thread at a time.
 */
final class Marker implements AutoCloseable {
  private static final double NANOS = 1e9;

  /** Clips of one turn are of one length, so that some stand for all. */
  private static final int CLIPS = 4;

  private final AudioWatermark watermark;
  private final String networks;

  private Marker(AudioWatermark watermark, String networks) {
    this.watermark = watermark;
    this.networks = networks;
  }

  /** The networks of a folder. */
  static Marker load(TorchEngine engine, Path folder) {
    return new Marker(
        Watermark.load(engine, folder, WatermarkSettings.DEFAULT),
        String.valueOf(folder.toAbsolutePath().normalize().getFileName()));
  }

  /** Networks of the published sizes. */
  static Marker random(TorchEngine engine) {
    return new Marker(SizedWatermark.load(engine), SizedWatermark.NAME);
  }

  /** Measures the first few clips, after a first one that counts for nothing. */
  MarkingResult measure(List<AudioClip> clips) {
    watermark.detect(
        watermark.embed(clips.get(0), WatermarkKey.PUBLIC_DEMO), WatermarkKey.PUBLIC_DEMO);
    double audio = 0;
    double embed = 0;
    double detect = 0;
    for (AudioClip clip : clips.subList(0, Math.min(CLIPS, clips.size()))) {
      audio += clip.duration().toNanos() / NANOS;
      long begin = System.nanoTime();
      AudioClip marked = watermark.embed(clip, WatermarkKey.PUBLIC_DEMO);
      long middle = System.nanoTime();
      watermark.detect(marked, WatermarkKey.PUBLIC_DEMO);
      embed += (middle - begin) / NANOS;
      detect += (System.nanoTime() - middle) / NANOS;
    }
    return new MarkingResult(networks, audio, embed, detect);
  }

  @Override
  public void close() {
    watermark.close();
  }
}
