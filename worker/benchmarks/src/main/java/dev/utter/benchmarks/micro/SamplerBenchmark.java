package dev.utter.benchmarks.micro;

import dev.utter.speech.SynthesisOptions;
import dev.utter.speech.checkpoint.RandomCheckpoint;
import dev.utter.speech.checkpoint.config.CsmConfig;
import dev.utter.speech.checkpoint.config.DepthDecoderConfig;
import dev.utter.speech.checkpoint.config.TransformerConfig;
import dev.utter.speech.engine.GenerationSettings;
import dev.utter.speech.measure.StepMeter;
import dev.utter.speech.text.Prompt;
import dev.utter.speech.torch.EngineSettings;
import dev.utter.speech.torch.TorchEngine;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One frame of CSM-1B's 32 codebooks of 2051 entries, by a network so narrow that sampling takes
 * most of the time. Top-k 1 takes the most probable code; 50 draws noise and samples.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class SamplerBenchmark {
  private static final int FRAMES = 20;

  /** Streams in the batch. */
  @Param({"1", "8"})
  public int batch;

  /** Top-k: number of codes that may be sampled. */
  @Param({"1", "50"})
  public int topK;

  private StepMeter meter;
  private List<Prompt> prompts;
  private SynthesisOptions options;

  /** Makes the network. */
  @Setup(Level.Trial)
  public void load() {
    TorchEngine engine = TorchEngine.start(EngineSettings.defaults());
    CsmConfig narrow = narrow(RandomCheckpoint.csm1b(1).config());
    meter =
        StepMeter.load(
            engine,
            RandomCheckpoint.of(narrow, 1, Path.of("random-narrow")),
            GenerationSettings.defaults());
    prompts =
        Collections.nCopies(batch, Prompt.ofText(narrow.codebooks(), new int[0], new int[] {1, 2}));
    options = new SynthesisOptions(FRAMES, 0.9f, topK, 1);
  }

  private static CsmConfig narrow(CsmConfig config) {
    DepthDecoderConfig depth = config.depthDecoder();
    TransformerConfig backbone = narrow(config.backbone());
    return new CsmConfig(
        config.codebooks(),
        config.vocabularySize(),
        config.textVocabularySize(),
        backbone,
        new DepthDecoderConfig(
            depth.codebooks(),
            backbone.hiddenSize(),
            depth.vocabularySize(),
            narrow(depth.transformer())),
        config.codec(),
        config.codebookEosId(),
        config.codebookPadId(),
        config.bosId(),
        config.audioId(),
        config.audioEosId(),
        config.dtype());
  }

  private static TransformerConfig narrow(TransformerConfig sizes) {
    return new TransformerConfig(
        64, 64, 1, 2, 1, 32, sizes.maxPositions(), sizes.normEps(), sizes.rope());
  }

  /** One step: a frame for each stream. */
  @Benchmark
  @OperationsPerInvocation(FRAMES)
  public StepMeter.Run step() {
    return meter.run(prompts, options, false);
  }

  /** Frees the network. */
  @TearDown(Level.Trial)
  public void close() {
    meter.close();
  }
}
