package dev.utter.benchmarks.measure;

import dev.utter.speech.audio.AudioClip;
import dev.utter.speech.torch.TorchEngine;
import dev.utter.speech.watermark.AudioWatermark;
import dev.utter.speech.watermark.Detection;
import dev.utter.speech.watermark.KeyRing;
import dev.utter.speech.watermark.Watermark;
import dev.utter.speech.watermark.WatermarkKey;
import dev.utter.speech.watermark.WatermarkSettings;
import dev.utter.speech.watermark.network.PassPriority;
import java.time.Duration;

/**
 * Networks of SilentCipher's published sizes with random weights. Marking does all the work that
 * the published ones would do. A look does the work of the one look that a marked clip takes, and
 * then says of every clip that it is marked: random weights read nothing, and a search in vain
 * would cost several looks.
 */
public final class SizedWatermark implements AudioWatermark {
  /** What results call these networks. */
  public static final String NAME = "random silentcipher";

  /** The value of {@code --random} for them. */
  public static final String SIZES = "silentcipher";

  private static final long SEED = 1;

  private final Watermark networks;

  private SizedWatermark(Watermark networks) {
    this.networks = networks;
  }

  /** Makes and loads them; the caller closes them. */
  public static SizedWatermark load(TorchEngine engine) {
    return load(engine, WatermarkSettings.DEFAULT);
  }

  /** The same with these settings. */
  public static SizedWatermark load(TorchEngine engine, WatermarkSettings settings) {
    return new SizedWatermark(Watermark.random(engine, SEED, settings));
  }

  @Override
  public AudioClip embed(AudioClip clip, WatermarkKey key) {
    return networks.embed(clip, key);
  }

  @Override
  public Detection detect(AudioClip clip, KeyRing keys) {
    networks.readOnce(clip);
    return Detection.match(keys.marking().id(), 1, "random weights read nothing");
  }

  @Override
  public SizedWatermark at(PassPriority priority) {
    return new SizedWatermark(networks.at(priority));
  }

  @Override
  public SizedWatermark reporting(Runnable afterStep) {
    return new SizedWatermark(networks.reporting(afterStep));
  }

  @Override
  public Duration minimumDuration() {
    return networks.minimumDuration();
  }

  @Override
  public void close() {
    networks.close();
  }
}
