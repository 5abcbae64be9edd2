package dev.utter.benchmarks.watermark;

import dev.utter.benchmarks.measure.Noise;
import dev.utter.speech.audio.AudioClip;
import dev.utter.speech.watermark.AudioWatermark;
import dev.utter.speech.watermark.WatermarkKey;
import dev.utter.speech.watermark.network.PassPriority;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;

/** Times embedding and detection, alone and beside the embedding of a long BULK clip. */
final class WatermarkBench {

  private static final double NANOS = 1e9;

  private final AudioWatermark interactive;
  private final AudioWatermark bulk;
  private final int rounds;

  WatermarkBench(AudioWatermark watermark, int rounds) {
    this.interactive = watermark.at(PassPriority.INTERACTIVE);
    this.bulk = watermark.at(PassPriority.BULK);
    this.rounds = rounds;
  }

  /**
   * Times of an urgent clip, by round, in seconds.
   *
   * @param embed time to mark it
   * @param look time to find the mark in it
   */
  record Times(double[] embed, double[] look) {

    /** Time to mark a clip and to check it, by round. */
    double[] both() {
      double[] both = embed.clone();
      for (int i = 0; i < both.length; i++) {
        both[i] += look[i];
      }
      return both;
    }
  }

  /** Clips of this length, one after the other, after one that does not count. */
  Times alone(double seconds) {
    AudioClip clip = Noise.clip(seconds);
    interactive.detect(interactive.embed(clip, WatermarkKey.PUBLIC_DEMO), WatermarkKey.PUBLIC_DEMO);
    double[] embed = new double[rounds];
    double[] look = new double[rounds];
    for (int round = 0; round < rounds; round++) {
      long begin = System.nanoTime();
      AudioClip marked = interactive.embed(clip, WatermarkKey.PUBLIC_DEMO);
      long middle = System.nanoTime();
      interactive.detect(marked, WatermarkKey.PUBLIC_DEMO);
      embed[round] = (middle - begin) / NANOS;
      look[round] = (System.nanoTime() - middle) / NANOS;
    }
    return new Times(embed, look);
  }

  /** The same while BULK clips of another length are marked without a pause. */
  Times beside(double seconds, double bulkSeconds) {
    AudioClip longClip = Noise.clip(bulkSeconds);
    AtomicBoolean done = new AtomicBoolean();
    CountDownLatch begun = new CountDownLatch(1);
    CompletableFuture<Void> load =
        CompletableFuture.runAsync(
            () -> {
              while (!done.get()) {
                begun.countDown();
                bulk.embed(longClip, WatermarkKey.PUBLIC_DEMO);
              }
            });
    try {
      begun.await();
      return alone(seconds);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    } finally {
      done.set(true);
      load.join();
    }
  }
}
