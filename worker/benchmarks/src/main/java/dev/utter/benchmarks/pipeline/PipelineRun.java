package dev.utter.benchmarks.pipeline;

import dev.utter.benchmarks.pipeline.PipelineSettings.Load;
import dev.utter.embedded.EmbeddedStack;
import dev.utter.embedded.EmbeddedStackSettings;
import dev.utter.events.Topics;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/** One setting: a new stack, a number of workers, and the requests. */
final class PipelineRun {
  private static final Duration POLL = Duration.ofMillis(100);
  private static final Duration REPORT_INTERVAL = Duration.ofSeconds(5);

  /**
   * Requests published, relative to the maximum throughput of the workers. More than 1, since the
   * workers' shares are not equal.
   */
  private static final double BACKLOG_SHARE = 1.5;

  private final PipelineSettings settings;
  private final int workers;
  private final Consumer<String> progress;
  private long nextReport;

  PipelineRun(PipelineSettings settings, int workers, Consumer<String> progress) {
    this.settings = settings;
    this.workers = workers;
    this.progress = progress;
  }

  PipelineResult run() throws IOException, InterruptedException, TimeoutException {
    progress.accept("Starting Kafka, schema registry and S3");
    try (EmbeddedStack stack = EmbeddedStack.start(stack())) {
      stack.createTopics(settings.partitions());
      stack.createBucket(WorkerFleet.BUCKET);
      progress.accept("Starting " + workers + " worker process(es)");
      try (WorkerFleet fleet = WorkerFleet.start(settings, stack, workers);
          ResultLog results = new ResultLog(stack);
          RequestSource source = new RequestSource(stack, settings.clip(), "bench-" + workers)) {
        return settings.load() == Load.OPEN
            ? open(fleet, results, source)
            : saturating(fleet, results, source);
      }
    }
  }

  /**
   * A broker that gets no processor time for a second among many processes must not lose its
   * session.
   */
  private static EmbeddedStackSettings stack() {
    EmbeddedStackSettings temporary = EmbeddedStackSettings.temporary();
    return new EmbeddedStackSettings(
        temporary
            .kafka()
            .with("broker.session.timeout.ms", "30000")
            .with("broker.heartbeat.interval.ms", "2000"),
        temporary.schemaRegistry(),
        temporary.s3());
  }

  private PipelineResult open(WorkerFleet fleet, ResultLog results, RequestSource source)
      throws InterruptedException, TimeoutException {
    progress.accept("Warming up for " + settings.warmUp().toSeconds() + " s");
    List<Sent> all = new ArrayList<>(source.at(arrivals(settings.warmUp(), settings.seed())));
    source.await();
    progress.accept("Measuring for " + settings.duration().toSeconds() + " s");
    Window window = Window.begin(fleet);
    List<Sent> measured = source.at(arrivals(settings.duration(), settings.seed() + 1));
    window = window.end(fleet);
    all.addAll(measured);
    source.await();
    awaitOutcomes(fleet, results, all.size());
    return new PipelineResult(settings, workers, all, measured, results, window);
  }

  private List<Duration> arrivals(Duration time, long seed) {
    return settings.arrivals().within(time, settings.rate(), seed);
  }

  private PipelineResult saturating(WorkerFleet fleet, ResultLog results, RequestSource source)
      throws InterruptedException, TimeoutException {
    double perSecond =
        workers
            * settings.slots()
            * (double) TimeUnit.SECONDS.toNanos(1)
            / settings.job().toNanos();
    double seconds = settings.warmUp().plus(settings.duration()).toMillis() / 1000.0;
    int count = (int) Math.ceil(perSecond * seconds * BACKLOG_SHARE);
    progress.accept("Publishing " + count + " requests");
    List<Sent> all = source.at(Collections.nCopies(count, Duration.ZERO));
    source.await();
    while (results.count(Topics.COMPLETED) == 0) {
      tick(fleet, results, count);
    }
    progress.accept("Warming up for " + settings.warmUp().toSeconds() + " s");
    tickFor(settings.warmUp(), fleet, results, count);
    progress.accept("Measuring for " + settings.duration().toSeconds() + " s");
    Window window = Window.begin(fleet);
    tickFor(settings.duration(), fleet, results, count);
    window = window.end(fleet);
    awaitOutcomes(fleet, results, count);
    return new PipelineResult(settings, workers, all, all, results, window);
  }

  private void tickFor(Duration time, WorkerFleet fleet, ResultLog results, int count)
      throws InterruptedException {
    long end = System.nanoTime() + time.toNanos();
    while (System.nanoTime() < end) {
      tick(fleet, results, count);
    }
  }

  private void awaitOutcomes(WorkerFleet fleet, ResultLog results, int count)
      throws InterruptedException, TimeoutException {
    progress.accept("Waiting for the last outcomes");
    long deadline = System.nanoTime() + settings.timeout().toNanos();
    while (results.count(Topics.VERIFIED) < count && System.nanoTime() < deadline) {
      tick(fleet, results, count);
    }
    results.readUntimed();
  }

  private void tick(WorkerFleet fleet, ResultLog results, int count) throws InterruptedException {
    TimeUnit.NANOSECONDS.sleep(POLL.toNanos());
    fleet.requireAlive();
    results.requireReading();
    if (System.nanoTime() > nextReport) {
      nextReport = System.nanoTime() + REPORT_INTERVAL.toNanos();
      progress.accept(
          "%d of %d completed, %d verified"
              .formatted(results.count(Topics.COMPLETED), count, results.count(Topics.VERIFIED)));
    }
  }
}
