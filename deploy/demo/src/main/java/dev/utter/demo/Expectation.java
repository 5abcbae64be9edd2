package dev.utter.demo;

import dev.utter.events.FailureCode;
import dev.utter.events.Verdict;
import dev.utter.producer.client.RequestProgress;
import java.util.Optional;

/**
 * The outcome a sample request must get.
 *
 * @param failure the code it must fail with; empty if it must complete with its mark verified
 */
record Expectation(Optional<FailureCode> failure) {
  static final Expectation COMPLETED = new Expectation(Optional.empty());

  static Expectation failed(FailureCode code) {
    return new Expectation(Optional.of(code));
  }

  boolean isMetBy(RequestProgress result) {
    if (failure.isPresent()) {
      return result.completed().isEmpty()
          && result.failed().filter(event -> event.getCode() == failure.get()).isPresent();
    }
    return result.completed().isPresent()
        && result.failed().isEmpty()
        && result.verified().filter(event -> event.getVerdict() == Verdict.MATCH).isPresent();
  }

  @Override
  public String toString() {
    return failure.map(code -> "FAILED " + code).orElse("COMPLETED, MATCH");
  }
}
