package dev.utter.benchmarks.micro;

import dev.utter.speech.AudioCodes;
import dev.utter.speech.checkpoint.Checkpoint;
import dev.utter.speech.checkpoint.RandomCheckpoint;
import dev.utter.speech.checkpoint.config.MimiConfig;
import dev.utter.speech.mimi.MimiCodec;
import dev.utter.speech.mimi.MimiStream;
import dev.utter.speech.torch.EngineSettings;
import dev.utter.speech.torch.TorchEngine;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
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

/** Streamed decoding of one 80 ms frame by a codec of the published size with random weights. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class CodecBenchmark {
  /** Clips decoded in one batch. */
  @Param({"1", "8"})
  public int streams;

  private MimiCodec codec;
  private List<MimiStream> open;
  private List<AudioCodes> frames;

  /** Makes the codec. */
  @Setup(Level.Trial)
  public void load() {
    Checkpoint checkpoint = RandomCheckpoint.csm1b(1);
    MimiConfig config = checkpoint.config().codec();
    codec = MimiCodec.load(TorchEngine.start(EngineSettings.defaults()), checkpoint);
    open = Stream.generate(codec.decoder()::openStream).limit(streams).toList();
    Random random = new Random(1);
    frames =
        Stream.generate(() -> random.ints(config.codebooks(), 0, config.codebookSize()).toArray())
            .map(codes -> new AudioCodes(config.codebooks(), codes))
            .limit(streams)
            .toList();
  }

  /** One frame of each clip. */
  @Benchmark
  public List<float[]> decodeFrame() {
    return codec.decoder().decode(open, frames);
  }

  /** Frees the codec. */
  @TearDown(Level.Trial)
  public void close() {
    open.forEach(MimiStream::close);
    codec.close();
  }
}
