package dev.utter.benchmarks.profile;

import dev.utter.benchmarks.measure.FrameTraffic;
import dev.utter.benchmarks.measure.ModelSource;
import dev.utter.benchmarks.measure.Prompts;
import dev.utter.benchmarks.profile.trace.Trace;
import dev.utter.benchmarks.profile.trace.TraceFile;
import dev.utter.speech.SynthesisOptions;
import dev.utter.speech.engine.GenerationSettings;
import dev.utter.speech.measure.StepMeter;
import dev.utter.speech.torch.EngineSettings.Precision;
import dev.utter.speech.torch.MemoryBandwidth;
import dev.utter.speech.torch.TorchEngine;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.function.Consumer;

/** Times steps of a warmed-up model, then records further steps. */
final class Profiler {
  private static final int WARM_UP_STEPS = 4;
  private static final int TIMED_STEPS = 16;
  private static final double NANOS_PER_MILLI = 1e6;

  /** Bytes to read: much larger than any cache, and still read quickly. */
  private static final long BANDWIDTH_BUFFER = 1L << 30;

  private final ProfileSettings settings;
  private final ModelSource source;
  private final Consumer<String> progress;

  Profiler(ProfileSettings settings, ModelSource source, Consumer<String> progress) {
    this.settings = settings;
    this.source = source;
    this.progress = progress;
  }

  /**
   * Measures.
   *
   * @param trace where to write what libtorch's profiler recorded
   */
  ProfileResult run(Path trace) {
    progress.accept("measuring the memory's bandwidth");
    double bandwidth = bandwidth();
    progress.accept("loading " + source.name() + " as " + settings.engine().precision());
    TorchEngine engine = TorchEngine.start(settings.engine());
    try (StepMeter meter =
        StepMeter.load(
            engine,
            source.checkpoint(),
            GenerationSettings.defaults().withGraphs(settings.graphs()))) {
      Prompts prompts =
          Prompts.draw(source.checkpoint().config(), settings.context(), settings.batch());
      progress.accept("timing steps");
      double[] stepMillis = stepMillis(meter, prompts);
      progress.accept("recording steps");
      SynthesisOptions options = SynthesisOptions.greedy(WARM_UP_STEPS + settings.steps());
      meter.profile(prompts.rows(), options, settings.steps(), trace);
      Trace recorded = read(trace);
      return new ProfileResult(
          settings,
          source.name(),
          meter.whyNoGraphs(),
          stepMillis,
          StepProfile.of(recorded.calls(), settings.steps()),
          DeviceProfile.of(recorded, settings.steps()),
          bytesPerStep(),
          bandwidth);
    }
  }

  private double bandwidth() {
    TorchEngine engine = TorchEngine.start(settings.engine().withPrecision(Precision.FLOAT32));
    try (MemoryBandwidth memory = MemoryBandwidth.prepare(engine, BANDWIDTH_BUFFER)) {
      return memory.bytesPerSecond();
    }
  }

  private static double[] stepMillis(StepMeter meter, Prompts prompts) {
    SynthesisOptions options = SynthesisOptions.greedy(WARM_UP_STEPS + TIMED_STEPS);
    return meter.run(prompts.rows(), options, false).steps().stream()
        .skip(WARM_UP_STEPS)
        .mapToDouble(step -> step.toNanos() / NANOS_PER_MILLI)
        .toArray();
  }

  private static Trace read(Path trace) {
    try {
      return TraceFile.read(trace);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Bytes that the middle one of the timed steps reads. */
  private double bytesPerStep() {
    double positions = settings.context() + Prompts.SENTENCE + WARM_UP_STEPS + TIMED_STEPS / 2.0;
    FrameTraffic.Widths widths = FrameTraffic.Widths.of(TorchEngine.start(settings.engine()));
    return FrameTraffic.of(source.checkpoint().config(), widths)
        .bytesPerStep(settings.batch(), positions);
  }
}
