package dev.utter.benchmarks.engine;

import dev.utter.benchmarks.measure.ModelSource;
import dev.utter.benchmarks.measure.Prompts;
import dev.utter.benchmarks.measure.Turn;
import dev.utter.speech.SynthesisOptions;
import dev.utter.speech.audio.AudioClip;
import dev.utter.speech.engine.GenerationSettings;
import dev.utter.speech.measure.StepMeter;
import dev.utter.speech.torch.TorchEngine;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/**
 * This project's engine, asked turn by turn.
 *
 * <p>Threading: one thread at a time.
 */
final class OwnModel implements AutoCloseable {
  private static final double NANOS = 1e9;

  private final StepMeter meter;

  private OwnModel(StepMeter meter) {
    this.meter = meter;
  }

  static OwnModel load(TorchEngine engine, ModelSource source, boolean graphs) {
    GenerationSettings settings = GenerationSettings.defaults().withGraphs(graphs);
    return new OwnModel(StepMeter.load(engine, source.checkpoint(), settings));
  }

  /** Generates exactly {@code frames} frames for each prompt, greedily. */
  OwnTurn generate(Prompts prompts, int frames, boolean audio) {
    StepMeter.Run run = meter.run(prompts.rows(), SynthesisOptions.greedy(frames), audio);
    double[] frameSeconds = new double[frames];
    double prefill = seconds(run.prefill());
    double elapsed = prefill;
    for (int frame = 0; frame < frames; frame++) {
      elapsed += seconds(run.steps().get(frame));
      frameSeconds[frame] = elapsed;
    }
    return new OwnTurn(new Turn(frameSeconds, elapsed, run.codes()), prefill, run.clips());
  }

  /** The first prompt to its first frame, without and with its context's keys and values. */
  FirstFrame firstFrame(Prompts prompts) {
    StepMeter.FirstFrame measured = meter.firstFrame(prompts.rows().get(0));
    return new FirstFrame(seconds(measured.miss()), seconds(measured.hit()));
  }

  /** Seconds to a first frame whose context was not known, and was. */
  record FirstFrame(double missSeconds, double hitSeconds) {}

  /** Caches of one utterance of full length. */
  long slotBytes() {
    return meter.slotBytes();
  }

  /** Why steps are not replayed from CUDA graphs; nothing if they are. */
  Optional<String> whyNoGraphs() {
    return meter.whyNoGraphs();
  }

  /** How matrices are stored and multiplied by. */
  SortedMap<String, String> kernels() {
    return meter.kernels();
  }

  /** A turn, how much of the time to its first frame was the prompts', and its sound if decoded. */
  record OwnTurn(Turn turn, double prefillSeconds, List<AudioClip> clips) {}

  private static double seconds(Duration duration) {
    return duration.toNanos() / NANOS;
  }

  @Override
  public void close() {
    meter.close();
  }
}
