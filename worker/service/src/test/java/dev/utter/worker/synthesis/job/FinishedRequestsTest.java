package dev.utter.worker.synthesis.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.utter.events.SynthesisRequested;
import dev.utter.worker.synthesis.SynthesisRig;
import org.junit.jupiter.api.Test;

class FinishedRequestsTest {

  @Test
  void aFinishedRequestIsForgottenAfterTenThousandOthers() {
    // Given
    FinishedRequests finished = new FinishedRequests();
    for (int i = 0; i < 10_000; i++) {
      finished.add(request("id-" + i));
    }
    assertThat(finished.contains(request("id-0"))).isTrue();

    // When
    finished.add(request("one more"));

    // Then
    assertThat(finished.contains(request("id-0"))).isFalse();
    assertThat(finished.contains(request("id-1"))).isTrue();
  }

  private static SynthesisRequested request(String id) {
    return SynthesisRig.request(id, "Hello.").build();
  }
}
