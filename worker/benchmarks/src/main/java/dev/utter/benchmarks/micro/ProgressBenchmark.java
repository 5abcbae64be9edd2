package dev.utter.benchmarks.micro;

import dev.utter.worker.intake.offsets.Progress;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Progress to the text in an offset's metadata and back, which each commit does once for each
 * partition.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class ProgressBenchmark {
  /** Number of offsets in the progress; the maximum is 4000. */
  @Param({"64", "4000"})
  public int span;

  private byte[] states;
  private String text;

  /** Finished, running and untouched records, mixed. */
  @Setup
  public void draw() {
    states = new byte[span];
    Random random = new Random(1);
    for (int i = 0; i < span; i++) {
      states[i] = (byte) (random.nextInt(3) - 1);
    }
    states[span - 1] = Progress.FINISHED;
    text = Progress.of(states).encode();
  }

  /** To text. */
  @Benchmark
  public String encode() {
    return Progress.of(states).encode();
  }

  /** From text. */
  @Benchmark
  public Object decode() {
    return Progress.decode(text);
  }
}
