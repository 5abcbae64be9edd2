package dev.utter.benchmarks.pipeline;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * Settings of the pipeline benchmark.
 *
 * @param workers numbers of workers; each is a setting with a separate stack and separate processes
 * @param slots jobs that the waiting engine of a worker holds at a time
 * @param engine engine that runs the jobs
 * @param job how long the waiting engine holds a slot for a job
 * @param clip length of the clips requested from the real engine
 * @param load how requests arrive
 * @param arrivals how the gaps between requests are distributed, under {@link Load#OPEN}
 * @param rate requests a second, under {@link Load#OPEN}
 * @param warmUp time before the measurement; its requests are not part of the figures
 * @param duration time measured
 * @param partitions of every topic
 * @param seed of the arrivals
 * @param model folder of the real engine's checkpoint
 * @param watermark folder of the real engine's watermark networks
 * @param timeout how long to wait for the last outcome after the last request
 */
record PipelineSettings(
    List<Integer> workers,
    int slots,
    Engine engine,
    Duration job,
    Duration clip,
    Load load,
    Arrivals arrivals,
    double rate,
    Duration warmUp,
    Duration duration,
    int partitions,
    long seed,
    Path model,
    Path watermark,
    Duration timeout) {

  /** The engine that runs the jobs. */
  enum Engine {
    /** The product's own worker with a model and its watermark. */
    REAL,
    /** The same, with watermark networks of SilentCipher's sizes and random weights. */
    SIZED,
    /** A stand-in that holds a slot for the time of a job. */
    WAITING
  }

  /** How requests arrive. */
  enum Load {
    /** At times fixed beforehand, independent of earlier requests. */
    OPEN,
    /** All at once, and more than can be finished in the measured time. */
    SATURATING
  }

  /** Checks every value. */
  PipelineSettings {
    workers = List.copyOf(workers);
    if (workers.isEmpty() || workers.stream().anyMatch(count -> count < 1)) {
      throw new IllegalArgumentException("workers is " + workers + ", must be numbers from 1");
    }
    requireAtLeast1("slots", slots);
    requireAtLeast1("partitions", partitions);
    requireNonNull(engine, "engine is null");
    requireNonNull(load, "load is null");
    requireNonNull(arrivals, "arrivals is null");
    requireNonNull(model, "model is null");
    requireNonNull(watermark, "watermark is null");
    requireNotNegative("job", job);
    requireNotNegative("warmUp", warmUp);
    requirePositive("clip", clip);
    requirePositive("duration", duration);
    requirePositive("timeout", timeout);
    if (!(rate > 0) || Double.isInfinite(rate)) {
      throw new IllegalArgumentException("rate is " + rate + ", must be above 0");
    }
    if (load == Load.SATURATING && (engine != Engine.WAITING || job.isZero())) {
      throw new IllegalArgumentException(
          "a saturating load needs the waiting engine and a job above 0, to know how much is enough");
    }
  }

  private static void requireAtLeast1(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + " is " + value + ", must be at least 1");
    }
  }

  private static void requireNotNegative(String name, Duration value) {
    if (requireNonNull(value, name + " is null").isNegative()) {
      throw new IllegalArgumentException(name + " is " + value + ", must not be negative");
    }
  }

  private static void requirePositive(String name, Duration value) {
    requireNotNegative(name, value);
    if (value.isZero()) {
      throw new IllegalArgumentException(name + " is " + value + ", must be above 0");
    }
  }
}
