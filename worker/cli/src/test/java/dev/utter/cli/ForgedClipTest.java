package dev.utter.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.utter.worker.storage.ObjectStore;
import dev.utter.worker.storage.object.ObjectHead;
import dev.utter.worker.storage.object.ObjectLocation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A third party who runs the same program stores clips under the keys that another deployment will
 * use.
 */
@Tag("integration")
class ForgedClipTest {
  private static final String KEYS = "UTTER_OUTPUT_CLIP_KEYS";
  private static final String REQUEST =
      "{\"requestId\": \"forged-1\", \"text\": \"Good morning.\", \"maxDurationMillis\": 2000,"
          + " \"seed\": 7}";

  @TempDir private Path folder;

  @Test
  void aClipOfAnotherDeploymentIsNotTakenForTheRequestsOwn() throws Exception {
    Path file = Files.writeString(folder.resolve("requests.jsonl"), REQUEST);
    Path forgersFolder = Files.createDirectory(folder.resolve("forger"));
    Path victimsFolder = Files.createDirectory(folder.resolve("victim"));
    try (ChildWorkers forger = new ChildWorkers(forgersFolder);
        ChildWorkers victim = new ChildWorkers(victimsFolder)) {
      // Given
      ChildWorkers.Child forgery =
          forger.worker("forger", Map.of(KEYS, "the secret of the one who forges clips"));
      forger.awaitReady(forgery);
      CommandRun spoken = forger.produce("--file", file.toString());
      assertThat(spoken.exitCode()).as(spoken.err() + forgery.said()).isZero();
      forgery.process().destroy();
      ChildWorkers.Child worker =
          victim.worker("victim", Map.of(KEYS, "a secret that only these workers have"));
      victim.awaitReady(worker);
      copy(spoken, forger, victim);

      // When
      CommandRun run = victim.produce("--file", file.toString());

      // Then
      JsonNode outcome = new ObjectMapper().readTree(run.out());
      assertThat(outcome.path("code").asText()).as(run.out()).isEqualTo("INVALID_REQUEST");
      assertThat(outcome.path("field").asText()).isEqualTo("output");
      assertThat(worker.said()).contains("has no proof by a secret of output.clipKeys");

      // When
      CommandRun next = victim.produce("--text", "Good morning.", "--max-duration", "2");

      // Then
      assertThat(next.exitCode()).as(next.err() + worker.said()).isZero();
      assertThat(new ObjectMapper().readTree(next.out()).path("attempt").asInt()).isEqualTo(1);
      assertThat(worker.process().isAlive()).as(worker.said()).isTrue();
      victim.awaitReady(worker);
    }
  }

  private static void copy(CommandRun spoken, ChildWorkers from, ChildWorkers to) throws Exception {
    String key = new ObjectMapper().readTree(spoken.out()).path("key").asText();
    ObjectLocation clip = ObjectLocation.newest(ChildWorkers.BUCKET, key);
    try (ObjectStore source = from.store();
        ObjectStore target = to.store()) {
      ObjectHead head = source.find(clip).orElseThrow();
      assertThat(head.metadata()).containsKeys("utter-proof", "utter-sha256", "utter-content");
      target.putIfAbsent(clip, source.read(clip), "audio/wav", head.metadata());
    }
  }
}
