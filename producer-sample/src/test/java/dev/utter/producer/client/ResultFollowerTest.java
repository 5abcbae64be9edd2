package dev.utter.producer.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.utter.embedded.traces.ReceivedSpan;
import dev.utter.embedded.traces.TraceReceiver;
import dev.utter.events.FailureCode;
import dev.utter.events.PublisherHeader;
import dev.utter.events.RequestState;
import dev.utter.events.SynthesisRequested;
import dev.utter.events.Topics;
import dev.utter.producer.command.ProducerTraces;
import dev.utter.producer.json.RequestLine;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("integration")
class ResultFollowerTest {
  private static final Duration SOON = Duration.ofSeconds(30);

  private final String requestId = UUID.randomUUID().toString();
  private final WorkerSide worker = new WorkerSide();
  private final ResultFollower follower = new ResultFollower(WorkerSide.kafka());
  private final List<RequestProgress> seen = Collections.synchronizedList(new ArrayList<>());

  @AfterEach
  void close() {
    follower.close();
    worker.close();
  }

  @Test
  void followsARequestToItsVerdict() {
    // Given
    CompletableFuture<RequestProgress> finished = follower.follow(requestId, seen::add);

    // When
    worker.complete(requestId, "0".repeat(64));

    // Then
    assertThat(finished)
        .succeedsWithin(SOON)
        .satisfies(result -> assertThat(result.verified()).isPresent());
    assertThat(seen).hasSize(2).last().extracting(RequestProgress::isFinished).isEqualTo(true);
  }

  @Test
  void anOutcomeOfAnAbortedTransactionIsNeverSeen() {
    // Given
    CompletableFuture<RequestProgress> finished = follower.follow(requestId, seen::add);

    // When
    worker.abort(Topics.FAILED, requestId, SampleEvents.failed(requestId, FailureCode.INTERNAL));
    worker.publish(Topics.FAILED, requestId, SampleEvents.failed(requestId, FailureCode.CANCELLED));

    // Then
    assertThat(finished)
        .succeedsWithin(SOON)
        .satisfies(
            result ->
                assertThat(result.failed().orElseThrow().getCode())
                    .isEqualTo(FailureCode.CANCELLED));
    assertThat(seen).hasSize(1);
  }

  @Test
  void aResultThatCannotBeReadIsSkipped() {
    // Given
    CompletableFuture<RequestProgress> finished = follower.follow(requestId, seen::add);

    // When
    worker.publishBytes(Topics.FAILED, requestId, new byte[] {1, 2, 3});
    worker.publish(Topics.FAILED, requestId, SampleEvents.failed(requestId, FailureCode.CANCELLED));

    // Then
    assertThat(finished).succeedsWithin(SOON);
    assertThat(seen)
        .singleElement()
        .satisfies(only -> assertThat(only.state()).contains(RequestState.FAILED));
  }

  @Test
  void aResultWaitsForARegistryThatAnswers503AndForOneThatIsAway() throws Exception {
    // Given
    try (FaultyRegistry faulty = new FaultyRegistry();
        ResultFollower patient = new ResultFollower(faulty.kafka())) {
      CompletableFuture<RequestProgress> finished = patient.follow(requestId, seen::add);
      faulty.answerWith(503);

      // When
      worker.publish(
          Topics.FAILED, requestId, SampleEvents.failed(requestId, FailureCode.CANCELLED));
      await().atMost(SOON).until(() -> faulty.refused() > 0);
      faulty.stop();

      // Then
      assertThat(finished).isNotDone();

      // When
      faulty.restart();

      // Then
      assertThat(finished).succeedsWithin(SOON);
    }
  }

  @Test
  void aFollowerThatWaitsForTheRegistryCanBeClosed() throws Exception {
    // Given
    try (FaultyRegistry faulty = new FaultyRegistry()) {
      ResultFollower patient = new ResultFollower(faulty.kafka());
      CompletableFuture<RequestProgress> finished = patient.follow(requestId, seen::add);
      faulty.answerWith(503);
      worker.publish(
          Topics.FAILED, requestId, SampleEvents.failed(requestId, FailureCode.CANCELLED));
      await().atMost(SOON).until(() -> faulty.refused() > 0);

      // When
      patient.close();

      // Then
      assertThat(finished).isCompletedExceptionally();
    }
  }

  @Test
  void aListenerThatFailsEndsNothing() {
    // Given
    CompletableFuture<RequestProgress> finished =
        follower.follow(
            requestId,
            progress -> {
              throw new IllegalStateException("a listener's fault");
            });

    // When
    worker.complete(requestId, "0".repeat(64));

    // Then
    assertThat(finished).succeedsWithin(SOON);
  }

  @Test
  void aRequestThatIsFollowedNoLongerMayBeFollowedAgain() {
    // Given
    CompletableFuture<RequestProgress> first = follower.follow(requestId, seen::add);

    // When
    follower.unfollow(requestId);

    // Then
    assertThat(first).isCompletedExceptionally();
    CompletableFuture<RequestProgress> second = follower.follow(requestId, seen::add);
    worker.complete(requestId, "0".repeat(64));
    assertThat(second).succeedsWithin(SOON);
  }

  @Test
  void closingEndsWhatIsNotFinished() {
    // Given
    CompletableFuture<RequestProgress> finished = follower.follow(requestId, seen::add);

    // When
    follower.close();

    // Then
    assertThat(finished)
        .failsWithin(SOON)
        .withThrowableThat()
        .withMessageContaining("the follower was closed");
  }

  @Test
  void oneRequestIsFollowedOnce() {
    // Given
    follower.follow(requestId, seen::add);

    // When
    assertThatThrownBy(() -> follower.follow(requestId, seen::add))
        // Then
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(requestId);
  }

  @Test
  void requestsAndCancellationsReachTheirTopics() {
    // Given
    SynthesisRequested request =
        RequestLine.parse("{\"text\": \"Hello.\", \"requestId\": \"" + requestId + "\"}")
            .toEvent(Clock.systemUTC());

    // When
    try (SynthesisClient client = new SynthesisClient(WorkerSide.kafka())) {
      assertThat(client.publish(request)).succeedsWithin(SOON);
      assertThat(client.cancel(requestId)).succeedsWithin(SOON);
    }

    // Then
    assertThat(WorkerSide.events(Topics.REQUESTS, requestId))
        .singleElement()
        .satisfies(
            event -> {
              assertThat(event).isInstanceOf(SynthesisRequested.class);
              assertThat(((SynthesisRequested) event).getText()).isEqualTo("Hello.");
            });
    assertThat(WorkerSide.events(Topics.CANCELLATIONS, requestId)).hasSize(1);
  }

  @Test
  void requestsAndCancellationsCarryTheNameOfTheirPublisher() {
    // Given
    SynthesisRequested request =
        RequestLine.parse("{\"text\": \"Hello.\", \"requestId\": \"" + requestId + "\"}")
            .toEvent(Clock.systemUTC());

    // When
    try (SynthesisClient client =
        new SynthesisClient(WorkerSide.kafka(), SOON, Optional.of("team-a"))) {
      assertThat(client.publish(request)).succeedsWithin(SOON);
      assertThat(client.cancel(requestId)).succeedsWithin(SOON);
    }

    // Then
    for (String topic : List.of(Topics.REQUESTS, Topics.CANCELLATIONS)) {
      assertThat(WorkerSide.records(topic, requestId))
          .singleElement()
          .satisfies(
              record ->
                  assertThat(record.headers().lastHeader(PublisherHeader.NAME).value())
                      .asString(StandardCharsets.UTF_8)
                      .isEqualTo("team-a"));
    }
  }

  @Test
  void aRequestCarriesTheTraceOfItsPublicationBelowTheSpanOfItsCaller() {
    // Given
    SynthesisRequested request =
        RequestLine.parse("{\"text\": \"Hello.\", \"requestId\": \"" + requestId + "\"}")
            .toEvent(Clock.systemUTC());
    String trace = "0af7651916cd43dd8448eb211c80319c";

    // When
    try (TraceReceiver receiver = TraceReceiver.start()) {
      Map<String, String> variables = Map.of("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.endpoint());
      try (ProducerTraces traces = ProducerTraces.open(variables);
          SynthesisClient client =
              new SynthesisClient(WorkerSide.kafka(), SOON, Optional.empty(), traces.requests())) {
        assertThat(client.publish(request, "00-" + trace + "-b7ad6b7169203331-01"))
            .succeedsWithin(SOON);
      }

      // Then
      ReceivedSpan span = receiver.spans().get(0);
      assertThat(span.name()).isEqualTo("send utter.requests");
      assertThat(span.parentId()).contains("b7ad6b7169203331");
      assertThat(traceParents()).containsExactly("00-" + trace + "-" + span.spanId() + "-01");
    }
  }

  @Test
  void withoutAnSdkARequestCarriesTheSpanOfItsCaller() {
    // Given
    SynthesisRequested request =
        RequestLine.parse("{\"text\": \"Hello.\", \"requestId\": \"" + requestId + "\"}")
            .toEvent(Clock.systemUTC());
    String parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    // When
    try (SynthesisClient client = new SynthesisClient(WorkerSide.kafka())) {
      assertThat(client.publish(request, parent)).succeedsWithin(SOON);

      // Then
      assertThat(traceParents()).containsExactly(parent);
      assertThatThrownBy(() -> client.publish(request, "garbage"))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("traceParent is \"garbage\"");
    }
  }

  private List<String> traceParents() {
    return WorkerSide.records(Topics.REQUESTS, requestId).stream()
        .map(record -> record.headers().lastHeader("traceparent").value())
        .map(value -> new String(value, StandardCharsets.UTF_8))
        .toList();
  }
}
