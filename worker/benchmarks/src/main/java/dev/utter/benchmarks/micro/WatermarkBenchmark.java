package dev.utter.benchmarks.micro;

import dev.utter.benchmarks.measure.Noise;
import dev.utter.speech.audio.AudioClip;
import dev.utter.speech.torch.EngineSettings;
import dev.utter.speech.torch.TorchEngine;
import dev.utter.speech.watermark.Detection;
import dev.utter.speech.watermark.Watermark;
import dev.utter.speech.watermark.WatermarkKey;
import dev.utter.speech.watermark.WatermarkSettings;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Embedding the mark in a clip of ten seconds and detecting it, with one processor thread. Random
 * networks of the published sizes detect nothing, so only {@link #embed} and {@link #look} are
 * valid with them. Searches need trained networks.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 5, time = 1)
public class WatermarkBenchmark {
  private static final int SECONDS = 10;

  /**
   * Samples cut from the start. Less than one hop of the transform, so that the mark is not at its
   * original position.
   */
  private static final int CUT = 333;

  private static final String RANDOM = "silentcipher";

  /**
   * Random networks of the published sizes, or a network's folder, for example that of the
   * development one, {@code worker/speech/models/development/watermark}.
   */
  @Param({RANDOM})
  public String network;

  private final AudioClip clip = Noise.clip(SECONDS);
  private Watermark watermark;
  private AudioClip marked;
  private AudioClip cut;

  /** Loads the network and marks a clip. */
  @Setup(Level.Trial)
  public void load() {
    TorchEngine engine = TorchEngine.start(EngineSettings.defaults().withThreads(1));
    watermark =
        network.equals(RANDOM)
            ? Watermark.random(engine, 1, WatermarkSettings.DEFAULT)
            : Watermark.load(engine, Path.of(network), WatermarkSettings.DEFAULT);
    marked = watermark.embed(clip, WatermarkKey.PUBLIC_DEMO);
    float[] samples = marked.samples();
    cut = new AudioClip(Arrays.copyOfRange(samples, CUT, samples.length), marked.sampleRate());
  }

  /** Marks. */
  @Benchmark
  public AudioClip embed() {
    return watermark.embed(clip, WatermarkKey.PUBLIC_DEMO);
  }

  /** Does the work of one look at the original position of the mark, whatever the result. */
  @Benchmark
  public int[] look() {
    return watermark.readOnce(marked);
  }

  /** Finds the mark at its original position. */
  @Benchmark
  public Detection detect() {
    return watermark.detect(marked, WatermarkKey.PUBLIC_DEMO);
  }

  /** Finds the mark in a clip whose beginning is missing. */
  @Benchmark
  public Detection detectInCutClip() {
    return watermark.detect(cut, WatermarkKey.PUBLIC_DEMO);
  }

  /** Searches an unmarked clip at all positions. */
  @Benchmark
  public Detection detectInUnmarkedClip() {
    return watermark.detect(clip, WatermarkKey.PUBLIC_DEMO);
  }

  /** Frees the network. */
  @TearDown(Level.Trial)
  public void close() {
    watermark.close();
  }
}
