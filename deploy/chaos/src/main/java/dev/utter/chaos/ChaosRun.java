package dev.utter.chaos;

import dev.utter.chaos.fault.Schedule;
import dev.utter.chaos.fault.Stage;
import dev.utter.chaos.fault.Striker;
import dev.utter.chaos.history.Entry;
import dev.utter.chaos.history.History;
import dev.utter.chaos.load.Contexts;
import dev.utter.chaos.load.Publisher;
import dev.utter.chaos.load.Requests;
import dev.utter.chaos.load.SteadyLoad;
import dev.utter.chaos.process.Backends;
import dev.utter.chaos.process.Fleet;
import dev.utter.chaos.process.Program;
import dev.utter.chaos.process.WorkerPlan;
import dev.utter.chaos.record.ObjectRecorder;
import dev.utter.chaos.record.OpenRequests;
import dev.utter.chaos.record.ProcessSampler;
import dev.utter.chaos.record.TopicRecorder;
import dev.utter.embedded.host.DataFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/**
 * One run: starts broker, registry, store and workers, carries out the schedule of faults, and
 * writes the history.
 */
final class ChaosRun {
  private static final int PARTITIONS = 6;
  private static final int ATTEMPT_LIMIT = 3;
  private static final Duration READY = Duration.ofMinutes(3);
  private static final Duration LAST_OUTCOMES = Duration.ofMinutes(2);
  private static final long SETTLE_MILLIS = 1000;
  private static final long WATCH_MILLIS = 200;
  private static final Duration TELL = Duration.ofSeconds(30);

  private final ChaosSettings settings;
  private final Consumer<String> progress;
  private final OpenRequests open = new OpenRequests();

  ChaosRun(ChaosSettings settings, Consumer<String> progress) {
    this.settings = settings;
    this.progress = progress;
  }

  /**
   * Runs.
   *
   * @return the file with the history
   */
  Path run() throws Exception {
    Path file = Files.createDirectories(settings.out()).resolve("history.jsonl");
    try (DataFolder data = DataFolder.temporary("utter-chaos-");
        History history = History.write(file)) {
      history.add(
          new Entry.Run(
              History.now(),
              settings.kind(),
              settings.seed(),
              ATTEMPT_LIMIT,
              settings.speakers() + (settings.schedule().split() ? 1 : 0),
              settings.mutant()));
      progress.accept("starting broker, registry and store");
      try (Backends backends = Backends.start(data.path(), history, PARTITIONS)) {
        run(backends, history);
      }
    }
    return file;
  }

  private void run(Backends backends, History history) throws Exception {
    Contexts.upload(backends);
    Requests requests = new Requests(Backends.BUCKET, settings.seed(), settings.clipMillis());
    try (TopicRecorder recorder =
            new TopicRecorder(backends.bootstrapServers(), backends.registryUrl(), history, open);
        Publisher publisher =
            new Publisher(
                backends.bootstrapServers(),
                backends.registryUrl(),
                requests,
                history,
                open,
                PARTITIONS)) {
      try (Fleet fleet = fleet(backends, history)) {
        progress.accept("waiting for the workers");
        strike(backends, fleet, publisher, recorder, history);
        progress.accept("stopping the workers");
        fleet.restartEnded();
        fleet.stopAll();
      }
      complete(backends, recorder, history);
    }
  }

  private Fleet fleet(Backends backends, History history) throws IOException {
    Path folder = Files.createDirectories(settings.out().resolve("workers"));
    Fleet fleet =
        new Fleet(
            folder,
            backends,
            settings.model(),
            Program.own(settings.classPathFront()),
            settings.other(),
            history);
    if (settings.schedule().split()) {
      fleet.add(new WorkerPlan("front", WorkerPlan.FRONT, settings.slots()));
    }
    for (int i = 1; i <= settings.speakers(); i++) {
      fleet.add(
          new WorkerPlan(
              "worker-" + i,
              settings.schedule().split() ? WorkerPlan.SYNTHESIS : WorkerPlan.ALL,
              settings.slots()));
    }
    return fleet;
  }

  private void strike(
      Backends backends, Fleet fleet, Publisher publisher, TopicRecorder recorder, History history)
      throws Exception {
    try (ProcessSampler sampler =
            new ProcessSampler(fleet, history, open, settings.schedule().faults().isEmpty());
        SteadyLoad load =
            new SteadyLoad(
                publisher, open, settings.requests(), settings.pause(), settings.maxOpen())) {
      fleet.awaitReady(READY);
      sampler.start(settings.samplePeriod());
      load.start();
      Stage stage = new Stage(backends, fleet, publisher, load, recorder, open, PARTITIONS);
      Striker striker = new Striker(stage, history, progress);
      int number = 0;
      for (Schedule.Planned fault : settings.schedule().faults()) {
        number++;
        striker.strike(fault, number);
        fleet.restartEnded();
      }
      awaitLoad(load, recorder);
    } catch (IllegalStateException | TimeoutException | ExecutionException e) {
      // The promises are still checked, for the requests published so far.
      progress.accept("cannot go on: " + e.getMessage());
      history.add(new Entry.Trouble(History.now(), firstLine(e)));
    }
    awaitOutcomes(publisher);
  }

  private void awaitOutcomes(Publisher publisher) throws InterruptedException {
    publisher.flush();
    Set<String> left = open.await(open.snapshot(), LAST_OUTCOMES.toMillis());
    progress.accept(left.isEmpty() ? "every request has an outcome" : "without outcome: " + left);
    TimeUnit.MILLISECONDS.sleep(SETTLE_MILLIS);
  }

  private static String firstLine(Exception e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
  }

  private void awaitLoad(SteadyLoad load, TopicRecorder recorder) throws InterruptedException {
    long nextTell = System.nanoTime() + TELL.toNanos();
    while (!load.isDone()) {
      recorder.requireReading();
      TimeUnit.MILLISECONDS.sleep(WATCH_MILLIS);
      if (System.nanoTime() > nextTell) {
        nextTell += TELL.toNanos();
        progress.accept(load.published() + " requests published");
        recorder.forget();
      }
    }
  }

  private void complete(Backends backends, TopicRecorder recorder, History history)
      throws IOException, InterruptedException {
    progress.accept("reading everything");
    Map<String, Long> records = recorder.finish();
    long objects =
        new ObjectRecorder(settings.model().resolve("watermark"), settings.examineEvery())
            .record(backends.objects(), Backends.PREFIX, history);
    history.add(new Entry.Complete(History.now(), records, objects));
  }
}
