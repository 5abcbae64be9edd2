package dev.utter.benchmarks.micro;

import dev.utter.speech.audio.AudioClip;
import dev.utter.speech.audio.AudioLimits;
import dev.utter.speech.audio.FileFormat;
import dev.utter.speech.audio.encode.AudioEncoder;
import dev.utter.speech.audio.resample.Resampler;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Encoding and resampling of a finished clip of ten seconds. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class ClipBenchmark {
  private static final int RATE = 24_000;
  private static final int MARKED_RATE = 44_100;
  private static final int SECONDS = 10;

  private final AudioEncoder encoder = new AudioEncoder(AudioLimits.DEFAULT);
  private final AudioClip clip = tone(RATE);
  private final AudioClip marked = tone(MARKED_RATE);

  private static AudioClip tone(int rate) {
    float[] samples = new float[rate * SECONDS];
    for (int i = 0; i < samples.length; i++) {
      double time = (double) i / rate;
      samples[i] = (float) (0.5 * Math.sin(2 * Math.PI * (200 + 40 * time) * time));
    }
    return new AudioClip(samples, rate);
  }

  /** To 16-bit WAV. */
  @Benchmark
  public byte[] encodeWav() {
    return encoder.encode(clip, FileFormat.WAV_PCM16);
  }

  /** To FLAC, by the encoder program. */
  @Benchmark
  public byte[] encodeFlac() {
    return encoder.encode(clip, FileFormat.FLAC);
  }

  /** To the watermark's rate. */
  @Benchmark
  public AudioClip resampleUp() {
    return Resampler.resample(clip, MARKED_RATE);
  }

  /** Back from it. */
  @Benchmark
  public AudioClip resampleDown() {
    return Resampler.resample(marked, RATE);
  }
}
