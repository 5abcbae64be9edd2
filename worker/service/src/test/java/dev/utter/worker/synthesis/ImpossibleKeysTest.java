package dev.utter.worker.synthesis;

import static dev.utter.worker.synthesis.SynthesisRig.PATIENCE;
import static dev.utter.worker.synthesis.SynthesisRig.newId;
import static dev.utter.worker.synthesis.SynthesisRig.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.utter.events.FailureCode;
import dev.utter.events.OutputLocation;
import dev.utter.events.SynthesisFailed;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Requests whose prefix leads below the clip of another request. */
@Tag("integration")
class ImpossibleKeysTest {
  private final SynthesisRig rig = new SynthesisRig();

  @AfterEach
  void close() {
    rig.stopWorkers();
    rig.close();
  }

  @Test
  void requestsForAKeyBelowAClipFailAndDelayNoOther() {
    // Given
    rig.worker(new TestingSpeechModel(1), "synthesis", "worker");
    String first = newId("first");
    rig.publish(request(first, "speak"));
    await().atMost(PATIENCE).until(() -> rig.outcomes(first) > 0);
    OutputLocation below = new OutputLocation(null, "clips/" + first + ".wav");

    // When
    List<String> impossible = IntStream.range(0, 20).mapToObj(i -> newId("below")).toList();
    impossible.forEach(id -> rig.publish(request(id, "speak").setOutput(below)));
    String good = newId("good");
    rig.publish(request(good, "speak"));

    // Then
    await().atMost(PATIENCE).until(() -> rig.outcomes(good) > 0);
    assertThat(rig.completed(good)).hasSize(1);
    for (String id : impossible) {
      await().atMost(PATIENCE).until(() -> rig.outcomes(id) > 0);
      SynthesisFailed failure = rig.failed(id).get(0);
      assertThat(failure.getCode()).isEqualTo(FailureCode.INVALID_REQUEST);
      assertThat(failure.getField()).isEqualTo("output");
      assertThat(failure.getMessage()).contains("clips/" + first + ".wav is an object");
    }
  }
}
