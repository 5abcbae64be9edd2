package dev.utter.worker.telemetry.metrics;

import dev.utter.speech.Speech;
import dev.utter.worker.synthesis.SynthesisListener;
import java.time.Duration;
import java.util.List;

/**
 * The meters of synthesis.
 *
 * <p>Threading: safe.
 */
final class SynthesisMeters implements SynthesisListener {
  private final Meters meters;
  private final WorkTime work;

  /**
   * Registers the timers, so that they are there before the first clip.
   *
   * @param work gets when clips are generated
   */
  SynthesisMeters(Meters meters, WorkTime work) {
    this.meters = meters;
    this.work = work;
    meters.timer("utter.synthesis.first.frame.time");
    meters.timer("utter.synthesis.prefill.time");
    meters.timer("utter.synthesis.frame.time");
    for (String step : List.of("context", "generation", "watermark", "storage")) {
      meters.timer("utter.synthesis.stage.time", "step", step);
    }
  }

  @Override
  public void queue(int waiting, int generating) {
    meters.gauge("utter.synthesis.waiting").set(waiting);
    meters.gauge("utter.synthesis.generating").set(generating);
    work.making(generating);
  }

  @Override
  public void codes(boolean found) {
    meters.count("utter.synthesis.codes.cache", "result", found ? "hit" : "miss");
  }

  @Override
  public void codesKept(long bytes) {
    meters.gauge("utter.synthesis.codes.cache.bytes").set(bytes);
  }

  @Override
  public void frames(int count, Duration took) {
    meters.timer("utter.synthesis.frame.time").record(took.dividedBy(count));
  }

  @Override
  public void step(String name, Duration took) {
    meters.timer("utter.synthesis.stage.time", "step", name).record(took);
  }

  @Override
  public void generated(Speech speech, Duration took) {
    work.made();
    meters.timer("utter.synthesis.stage.time", "step", "generation").record(took);
    meters.timer("utter.synthesis.first.frame.time").record(speech.timeToFirstFrame());
    meters.timer("utter.synthesis.prefill.time").record(speech.prefillTime());
    meters.counter("utter.synthesis.prompt.positions").increment(speech.promptPositions());
    meters.counter("utter.synthesis.frames").increment(speech.codes().frames());
    meters
        .counter("utter.synthesis.audio.seconds")
        .increment(Meters.seconds(speech.audio().duration()));
    meters.counter("utter.synthesis.generation.seconds").increment(Meters.seconds(took));
  }

  @Override
  public void oldest(Duration held) {
    meters.gauge("utter.synthesis.oldest.seconds", "step", "all").set(held.toSeconds());
  }

  @Override
  public void oldest(String step, Duration there) {
    meters.gauge("utter.synthesis.oldest.seconds", "step", step).set(there.toSeconds());
  }

  @Override
  public void cancellations(int ids, long bytes) {
    meters.gauge("utter.synthesis.cancellations").set(ids);
    meters.gauge("utter.synthesis.cancellations.bytes").set(bytes);
  }

  @Override
  public void cancellationForgotten() {
    meters.count("utter.synthesis.cancellations.forgotten");
  }

  @Override
  public void reused() {
    meters.count("utter.synthesis.reused");
  }

  @Override
  public void retrying(String step, Duration pause) {
    meters.count("utter.synthesis.retries", "step", step);
  }

  @Override
  public void unexpected(Exception why) {
    meters.count("utter.synthesis.unexpected", "error", why.getClass().getSimpleName());
  }
}
