package dev.utter.demo;

import dev.utter.events.FailureCode;
import dev.utter.events.RequestState;
import dev.utter.events.SynthesisFailed;
import dev.utter.producer.client.RequestProgress;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

final class SampleResults {
  private SampleResults() {}

  static RequestProgress failed(String requestId) {
    return new RequestProgress(
        requestId,
        Optional.of(RequestState.FAILED),
        Optional.empty(),
        Optional.of(
            SynthesisFailed.newBuilder()
                .setEventId(UUID.randomUUID())
                .setRequestId(requestId)
                .setCode(FailureCode.CANCELLED)
                .setMessage("cancelled")
                .setAttempt(0)
                .setFailedAt(Instant.EPOCH)
                .build()),
        Optional.empty(),
        Optional.empty());
  }
}
