package dev.utter.speech.watermark;

import dev.utter.speech.audio.AudioClip;
import java.nio.file.Path;
import java.time.Duration;

/** SilentCipher: puts an inaudible key into clips and finds it again. Safe for several threads. */
public final class Watermark implements AutoCloseable {

  private Watermark() {}

  /** Loads {@code hparams.yaml}, {@code enc_c.ckpt}, {@code dec_c.ckpt}, {@code dec_m_0.ckpt}. */
  public static Watermark load(Path folder, WatermarkSettings settings) {
    throw new UnsupportedOperationException("not landed yet");
  }

  /** The same clip, marked: rate and length stay. A clip of pure silence comes back unchanged. */
  public AudioClip embed(AudioClip clip, WatermarkKey key) {
    throw new UnsupportedOperationException("not landed yet");
  }

  /** Looks for the expected key in a clip of any rate. */
  public Detection detect(AudioClip clip, WatermarkKey expected) {
    throw new UnsupportedOperationException("not landed yet");
  }

  /** The shortest clip that holds one whole message; shorter ones cannot be told as marked. */
  public Duration minimumDuration() {
    throw new UnsupportedOperationException("not landed yet");
  }

  @Override
  public void close() {}
}
