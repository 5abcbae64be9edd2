package dev.utter.benchmarks.pipeline;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.utter.benchmarks.pipeline.PipelineSettings.Engine;
import dev.utter.benchmarks.pipeline.PipelineSettings.Load;
import dev.utter.benchmarks.pipeline.ResultLog.Seen;
import dev.utter.events.StageTimings;
import dev.utter.events.SynthesisCompleted;
import dev.utter.events.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Result of one setting. */
final class PipelineResult {
  private final PipelineSettings settings;
  private final int workers;
  private final Window window;
  private final int requests;
  private final int measured;
  private final Map<String, Integer> failures = new TreeMap<>();
  private final Map<String, Integer> verdicts = new TreeMap<>();
  private final Map<String, Integer> perWorker = new TreeMap<>();
  private final List<Long> completedTimes = new ArrayList<>();
  private final List<Long> verifiedTimes = new ArrayList<>();
  private final Map<String, List<Long>> stages = new LinkedHashMap<>();
  private int completed;
  private int failed;
  private int missing;
  private int doubled;
  private int unverified;
  private int completedInWindow;
  private int verifiedInWindow;
  private final long deadLetters;

  PipelineResult(
      PipelineSettings settings,
      int workers,
      List<Sent> all,
      List<Sent> measured,
      ResultLog results,
      Window window) {
    this.settings = settings;
    this.workers = workers;
    this.window = window;
    this.requests = all.size();
    this.measured = measured.size();
    this.deadLetters = results.count(Topics.DEAD_LETTERS);
    all.forEach(sent -> count(results.of(sent.id()), results));
    measured.forEach(sent -> measure(sent, results.of(sent.id()), results));
  }

  /**
   * Whether every request had exactly one outcome, a clip, and every clip exactly one verdict,
   * MATCH.
   */
  boolean isGood() {
    return missing == 0 && doubled == 0 && failed == 0 && unverified == 0 && deadLetters == 0;
  }

  /** Completed requests a second in the time measured. */
  double throughput() {
    return completedInWindow / seconds(window.length());
  }

  private void count(List<Seen> seen, ResultLog results) {
    int outcomes = 0;
    int matches = 0;
    for (Seen result : seen) {
      switch (result.topic()) {
        case Topics.COMPLETED -> {
          outcomes++;
          completed++;
          perWorker.merge(results.completed(result).getWorker(), 1, Integer::sum);
          completedInWindow += window.contains(result.seenNanos()) ? 1 : 0;
        }
        case Topics.FAILED -> {
          outcomes++;
          failed++;
          failures.merge(results.failed(result).getCode().name(), 1, Integer::sum);
        }
        case Topics.VERIFIED -> {
          String verdict = results.verified(result).getVerdict().name();
          verdicts.merge(verdict, 1, Integer::sum);
          matches += verdict.equals("MATCH") ? 1 : 0;
          verifiedInWindow += window.contains(result.seenNanos()) ? 1 : 0;
        }
        default -> {
          // Dead letters are counted together, not by request.
        }
      }
    }
    missing += outcomes == 0 ? 1 : 0;
    doubled += outcomes > 1 ? 1 : 0;
    unverified += matches == 1 ? 0 : 1;
  }

  private void measure(Sent sent, List<Seen> seen, ResultLog results) {
    Optional<Seen> completion = first(seen, Topics.COMPLETED);
    Optional<Seen> verification = first(seen, Topics.VERIFIED);
    completion.ifPresent(
        result -> {
          completedTimes.add(result.seenNanos() - sent.dueNanos());
          stages(sent, result, results.completed(result));
        });
    verification.ifPresent(result -> verifiedTimes.add(result.seenNanos() - sent.dueNanos()));
    if (completion.isPresent() && verification.isPresent()) {
      stage("verification", verification.get().seenNanos() - completion.get().seenNanos());
    }
  }

  private void stages(Sent sent, Seen seen, SynthesisCompleted event) {
    StageTimings timings = event.getTimings();
    long working =
        timings.getQueuedMillis()
            + timings.getContextMillis()
            + timings.getGenerationMillis()
            + timings.getWatermarkMillis()
            + timings.getStorageMillis();
    Duration untilCompleted = Duration.between(sent.dueAt(), event.getCompletedAt());
    stage("admission", untilCompleted.minusMillis(working).toNanos());
    stage("queued", Duration.ofMillis(timings.getQueuedMillis()).toNanos());
    stage("context", Duration.ofMillis(timings.getContextMillis()).toNanos());
    stage("generation", Duration.ofMillis(timings.getGenerationMillis()).toNanos());
    stage("watermark", Duration.ofMillis(timings.getWatermarkMillis()).toNanos());
    stage("storage", Duration.ofMillis(timings.getStorageMillis()).toNanos());
    stage("publication", Duration.between(event.getCompletedAt(), seen.seenAt()).toNanos());
  }

  private void stage(String name, long nanos) {
    stages.computeIfAbsent(name, key -> new ArrayList<>()).add(nanos);
  }

  private static Optional<Seen> first(List<Seen> seen, String topic) {
    return seen.stream().filter(result -> result.topic().equals(topic)).findFirst();
  }

  /**
   * One JSON object.
   *
   * @param first the first setting, for the ratio of throughputs
   */
  ObjectNode json(PipelineResult first) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("benchmark", "pipeline");
    json.put("engine", settings.engine().name().toLowerCase(Locale.ROOT));
    json.put("load", settings.load().name().toLowerCase(Locale.ROOT));
    json.put("workers", workers);
    if (settings.engine() == Engine.WAITING) {
      json.put("slots", settings.slots());
      json.put("jobMillis", settings.job().toMillis());
    } else {
      json.put("model", settings.model().getFileName().toString());
      json.put("clipMillis", settings.clip().toMillis());
    }
    json.put("partitions", settings.partitions());
    if (settings.load() == Load.OPEN) {
      json.put("arrivals", settings.arrivals().name().toLowerCase(Locale.ROOT));
      json.put("ratePerSecond", settings.rate());
      json.put("seed", settings.seed());
    }
    json.put("warmUpSeconds", seconds(settings.warmUp()));
    json.put("seconds", rounded(seconds(window.length())));
    json.put("requests", requests);
    json.put("completed", completed);
    json.put("failed", failed);
    json.put("missing", missing);
    json.put("doubled", doubled);
    json.put("deadLetters", deadLetters);
    json.set("failures", counts(failures));
    json.set("verdicts", counts(verdicts));
    json.put("completedPerSecond", rounded(throughput()));
    json.put("verifiedPerSecond", rounded(verifiedInWindow / seconds(window.length())));
    if (first != this) {
      json.put("throughputAgainstFirst", rounded(throughput() / first.throughput()));
    }
    json.set("completedByWorker", counts(perWorker));
    if (settings.load() == Load.OPEN) {
      json.put("measuredRequests", measured);
      json.set("completedMillis", new Quantiles(completedTimes).json());
      if (settings.engine() == Engine.WAITING) {
        long job = settings.job().toNanos();
        json.set(
            "overheadMillis",
            new Quantiles(completedTimes.stream().map(time -> time - job).toList()).json());
      }
      json.set("verifiedMillis", new Quantiles(verifiedTimes).json());
      ObjectNode breakdown = json.putObject("stageMillis");
      stages.forEach((name, times) -> breakdown.set(name, new Quantiles(times).json()));
    }
    json.put("workerCpuMillisPerCompleted", perCompleted(window.workerTime()));
    json.put("stackCpuMillisPerCompleted", perCompleted(window.stackTime()));
    return json;
  }

  /** The result as a few lines of text. */
  String summary(PipelineResult first) {
    String outcomes =
        "%d workers: %d of %d completed, %d failed, %d missing, %d doubled; %.1f completed a second"
            .formatted(workers, completed, requests, failed, missing, doubled, throughput());
    if (settings.load() == Load.SATURATING) {
      return first == this
          ? outcomes
          : "%s, %.2f times the first".formatted(outcomes, throughput() / first.throughput());
    }
    return "%s%n  to completed: %s%n  to verified:  %s"
        .formatted(outcomes, new Quantiles(completedTimes), new Quantiles(verifiedTimes));
  }

  private double perCompleted(Duration time) {
    return rounded((double) time.toMillis() / Math.max(1, completedInWindow));
  }

  private static ObjectNode counts(Map<String, Integer> counts) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    counts.forEach(json::put);
    return json;
  }

  private static double seconds(Duration duration) {
    return duration.toMillis() / 1000.0;
  }

  private static double rounded(double value) {
    return Math.round(value * 100) / 100.0;
  }
}
