package dev.utter.worker.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.utter.events.StageTimings;
import dev.utter.events.SynthesisCompleted;
import dev.utter.events.SynthesisRequested;
import dev.utter.events.Verdict;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What docs/backup.md says of a deployment whose Kafka and registry are lost. */
@Tag("integration")
final class RecoveryTest {
  private static final String KEYS = "a secret of 32 characters and more";

  @TempDir private Path folder;

  @Test
  void aRequestThatIsPublishedToANewKafkaGetsTheClipThatIsStoredAlready() {
    // Given
    try (WorkerRig lost = rig("first", Map.of("UTTER_WORKER_ROLES", "admission, synthesis"))) {
      SynthesisRequested request = lost.request().build();
      lost.publish(request);
      SynthesisCompleted before = lost.clipOf(request.getRequestId());

      // When
      try (WorkerRig fresh =
          rig("second", Map.of("UTTER_STORAGE_ENDPOINT", lost.stack.s3Endpoint()))) {
        fresh.publish(request);
        SynthesisCompleted after = fresh.clipOf(request.getRequestId());

        // Then
        assertThat(after.getAudio()).isEqualTo(before.getAudio());
        assertThat(after.getSeed()).isEqualTo(before.getSeed());
        assertThat(before.getTimings().getGenerationMillis()).isPositive();
        assertThat(after.getTimings())
            .extracting(StageTimings::getGenerationMillis, StageTimings::getStorageMillis)
            .containsExactly(0L, 0L);
        assertThat(fresh.verdictOf(request.getRequestId()).getVerdict()).isEqualTo(Verdict.MATCH);
      }
    }
  }

  private WorkerRig rig(String state, Map<String, String> own) {
    Map<String, String> environment = new HashMap<>(own);
    environment.put("UTTER_OUTPUT_CLIP_KEYS", KEYS);
    return new WorkerRig(folder.resolve(state), environment);
  }
}
