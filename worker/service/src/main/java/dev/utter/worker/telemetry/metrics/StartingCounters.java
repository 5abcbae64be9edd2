package dev.utter.worker.telemetry.metrics;

import dev.utter.events.FailureCode;
import dev.utter.events.Priority;
import dev.utter.events.Topics;
import dev.utter.events.Verdict;
import dev.utter.worker.intake.Outcome;
import dev.utter.worker.synthesis.job.JobStep;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Registers the counters of a part of the worker before anything is counted. Prometheus sees no
 * increase in a counter that appears with its first event, so a first dead letter would raise no
 * alert. Counters by class of exception are not among them, because the classes are not known in
 * advance.
 */
final class StartingCounters {
  private static final List<String> OTHER_OUTCOMES =
      List.of(Outcome.COMPLETED, Outcome.UNDECODABLE, Outcome.DUPLICATE, Outcome.SKIPPED);

  private final MeterRegistry registry;

  StartingCounters(MeterRegistry registry) {
    this.registry = registry;
  }

  void ofAdmission() {
    for (Priority lane : List.of(Priority.INTERACTIVE, Priority.NORMAL, Priority.BULK)) {
      register("utter.admission.admitted", "lane", lane.name());
    }
    failureCodes().forEach(code -> register("utter.admission.refused", "code", code.name()));
    register("utter.admission.repeated");
    for (String topic : List.of(Topics.REQUESTS, Topics.CANCELLATIONS)) {
      register("utter.admission.foreign", "topic", topic);
      register("utter.admission.forwarded", "topic", topic);
    }
    deadLettersOf(List.of(Topics.REQUESTS, Topics.CANCELLATIONS, Topics.LIMITS));
  }

  void ofVerification() {
    Arrays.stream(Verdict.values())
        .filter(verdict -> verdict != Verdict.UNKNOWN)
        .forEach(verdict -> register("utter.verifications", "verdict", verdict.name()));
    deadLettersOf(List.of(Topics.COMPLETED, Topics.VERIFICATION_REQUESTS));
  }

  void ofSynthesis() {
    for (JobStep step : JobStep.values()) {
      register("utter.synthesis.retries", "step", step.label());
    }
    for (String result : List.of("hit", "miss")) {
      register("utter.synthesis.codes.cache", "result", result);
    }
    register("utter.synthesis.frames");
    register("utter.synthesis.audio.seconds");
    register("utter.synthesis.generation.seconds");
    register("utter.synthesis.prompt.positions");
    register("utter.synthesis.cancellations.forgotten");
    register("utter.synthesis.reused");
  }

  void ofIntake() {
    List<String> kinds =
        Stream.concat(
                OTHER_OUTCOMES.stream(),
                failureCodes().map(code -> code.name().toLowerCase(Locale.ROOT)))
            .toList();
    for (String lane : Topics.lanes()) {
      kinds.forEach(kind -> register("utter.outcomes", "lane", lane, "kind", kind));
      register("utter.intake.offsets.lost", "lane", lane);
    }
    register("utter.intake.purges.failed");
    register("utter.intake.name.taken");
    register("utter.intake.dropped");
    deadLettersOf(Topics.lanes());
  }

  void deadLettersOf(List<String> topics) {
    topics.forEach(topic -> register("utter.dead.letters", "topic", topic));
  }

  private static Stream<FailureCode> failureCodes() {
    return Arrays.stream(FailureCode.values()).filter(code -> code != FailureCode.UNKNOWN);
  }

  private void register(String name, String... tags) {
    Counter.builder(name).tags(tags).register(registry);
  }
}
