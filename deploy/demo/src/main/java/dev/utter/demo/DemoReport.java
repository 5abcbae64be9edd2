package dev.utter.demo;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.utter.producer.client.RequestProgress;
import dev.utter.producer.json.ResultLine;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Results of the demo.
 *
 * @param outcomes one per request, in the order they were published
 */
record DemoReport(List<Outcome> outcomes) {

  DemoReport {
    outcomes = List.copyOf(outcomes);
  }

  /**
   * Result of one request.
   *
   * @param result events of the request
   * @param expected the expected outcome
   * @param asExpected whether the outcome was the expected one
   * @param clip the downloaded clip, if it completed
   */
  record Outcome(
      RequestProgress result, String expected, boolean asExpected, Optional<Path> clip) {}

  /** Whether every request got its expected outcome. */
  boolean isGood() {
    return !outcomes.isEmpty() && outcomes.stream().allMatch(Outcome::asExpected);
  }

  /** Requests that completed. */
  long completed() {
    return outcomes.stream().filter(outcome -> outcome.result().completed().isPresent()).count();
  }

  /** Requests whose stored clip was verified to carry the mark. */
  long verified() {
    return outcomes.stream()
        .filter(outcome -> outcome.result().completed().isPresent())
        .filter(outcome -> Expectation.COMPLETED.isMetBy(outcome.result()))
        .count();
  }

  /** Requests that failed. */
  long failed() {
    return outcomes.stream().filter(outcome -> outcome.result().failed().isPresent()).count();
  }

  /** The report as JSON. */
  ObjectNode toJson() {
    ObjectNode report = JsonNodeFactory.instance.objectNode();
    report.put("asExpected", isGood());
    report.put("requests", outcomes.size());
    report.put("completed", completed());
    report.put("verified", verified());
    report.put("failed", failed());
    outcomes.forEach(outcome -> report.withArray("/outcomes").add(json(outcome)));
    return report;
  }

  private static ObjectNode json(Outcome outcome) {
    ObjectNode line = ResultLine.of(outcome.result());
    line.put("expected", outcome.expected());
    line.put("asExpected", outcome.asExpected());
    outcome.clip().ifPresent(clip -> line.put("file", clip.toString()));
    return line;
  }
}
