package dev.utter.producer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.utter.events.FailureCode;
import dev.utter.events.RequestState;
import dev.utter.events.SynthesisRequested;
import dev.utter.events.Topics;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

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
}
