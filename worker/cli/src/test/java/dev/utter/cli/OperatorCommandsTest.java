package dev.utter.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.utter.embedded.EmbeddedStack;
import dev.utter.embedded.EmbeddedStackSettings;
import dev.utter.events.FailureCode;
import dev.utter.events.TopicSpec;
import dev.utter.events.Topics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("integration")
class OperatorCommandsTest {
  @TempDir private Path folder;

  @Test
  void topicsArePlannedCreatedAndCompared() throws Exception {
    try (EmbeddedStack stack = EmbeddedStack.start(EmbeddedStackSettings.temporary());
        Admin admin = Admin.create(Map.of("bootstrap.servers", stack.bootstrapServers()))) {
      String config = settings(stack);

      // When
      CommandRun plan = CommandRun.of("topics", "plan", "--config", config, "--partitions", "3");
      CommandRun missing = CommandRun.of("topics", "check", "--config", config, "--json");

      // Then
      assertThat(plan.exitCode()).as(plan.err()).isZero();
      assertThat(plan.out().lines())
          .hasSameSizeAs(Topics.all())
          .anyMatch(
              line ->
                  line.endsWith(
                      "--create --topic utter.work.bulk --partitions 3 --config"
                          + " cleanup.policy=delete --config max.message.bytes=1048588 --config"
                          + " retention.bytes=-1 --config retention.ms=-1"));
      assertThat(admin.listTopics().names().get()).doesNotContainAnyElementsOf(Topics.all());
      assertThat(missing.exitCode()).isEqualTo(1);
      assertThat(differences(missing)).hasSameSizeAs(Topics.all());

      // When
      CommandRun created =
          CommandRun.of("topics", "create", "--config", config, "--partitions", "3");
      CommandRun again = CommandRun.of("topics", "create", "--config", config);

      // Then
      assertThat(created.exitCode()).as(created.err()).isZero();
      assertThat(created.out().lines())
          .hasSameSizeAs(Topics.all())
          .contains("created: utter.work.bulk");
      assertThat(again.out()).contains("all topics were there");
      CommandRun same = CommandRun.of("topics", "check", "--config", config);
      assertThat(same.exitCode()).as(same.out()).isZero();

      // When
      set(admin, Topics.WORK_BULK, TopicSpec.RETENTION_MILLIS, "1000");
      set(admin, Topics.REQUESTS, TopicSpec.MAX_DECOMPRESSED_MESSAGE_BYTES, "100000000");
      admin.createPartitions(Map.of(Topics.REQUESTS, NewPartitions.increaseTo(4))).all().get();

      // Then
      await()
          .atMost(ChildWorkers.PATIENCE)
          .until(
              () ->
                  differences(CommandRun.of("topics", "check", "--config", config, "--json")).size()
                      == 4);
      CommandRun check = CommandRun.of("topics", "check", "--config", config, "--json");
      assertThat(check.exitCode()).isEqualTo(1);
      assertThat(differences(check))
          .extracting(difference -> difference.path("topic").asText())
          .containsExactlyInAnyOrder(
              Topics.CANCELLATIONS, Topics.LIMITS, Topics.WORK_BULK, Topics.REQUESTS);
      assertThat(differences(check))
          .extracting(difference -> difference.path("remedy").asText())
          .allMatch(remedy -> remedy.startsWith("kafka-"))
          .anyMatch(remedy -> remedy.endsWith("--add-config retention.ms=-1"))
          .anyMatch(remedy -> remedy.endsWith("--topic utter.cancellations --partitions 4"))
          .anyMatch(remedy -> remedy.endsWith("max.decompressed.message.bytes=1048588"));
    }
  }

  @Test
  void aRequestIsLookedUpAndCancelledByItsPublisherAlone() throws Exception {
    try (ChildWorkers workers = new ChildWorkers(folder);
        PublishedRecords published = new PublishedRecords(workers.stack)) {
      // Given
      String config = settings(workers.stack);
      workers.awaitReady(workers.worker("worker"));

      // When
      CommandRun cancelled = CommandRun.of("cancel", "unwanted", "--config", config);
      CommandRun foreign =
          CommandRun.of("cancel", "wanted", "--config", config, "--publisher", "other", "--json");

      // Then
      assertThat(cancelled.exitCode()).as(cancelled.err()).isZero();
      assertThat(foreign.out()).contains("\"published\":true");
      await().atMost(ChildWorkers.PATIENCE).until(() -> workers.records(Topics.CANCELLATIONS) == 2);

      // When
      produceUntilOutcome(workers, "unwanted");
      produceUntilOutcome(workers, "wanted");

      // Then
      assertThat(published.failed("unwanted").getCode()).isEqualTo(FailureCode.CANCELLED);
      await()
          .atMost(ChildWorkers.PATIENCE)
          .untilAsserted(
              () -> {
                JsonNode row = status("wanted", config);
                assertThat(row.path("state").asText()).isEqualTo("VERIFIED");
                assertThat(row.path("verdict").asText()).isEqualTo("MATCH");
                assertThat(row.path("audio").path("key").asText()).isEqualTo("clips/wanted.wav");
                assertThat(row.path("finishedAt").asText()).startsWith("20");
              });
      assertThat(status("unwanted", config).path("failureCode").asText()).isEqualTo("CANCELLED");
      assertThat(CommandRun.of("status", "wanted", "--config", config).out())
          .contains("state: VERIFIED", "lane: NORMAL");
      assertThat(CommandRun.of("status", "unknown", "--config", config).exitCode()).isEqualTo(1);
      assertThat(CommandRun.of("cancel", "no id", "--config", config).exitCode()).isEqualTo(2);
    }
  }

  /** The exit status is ignored: it only says whether the outcome is a clip. */
  private static void produceUntilOutcome(ChildWorkers workers, String id) {
    workers.produce("--text", "Good morning.", "--request-id", id, "--max-duration", "1");
  }

  private static JsonNode status(String id, String config) throws IOException {
    CommandRun run = CommandRun.of("status", id, "--config", config, "--json");
    return new ObjectMapper().readTree(run.out());
  }

  private static List<JsonNode> differences(CommandRun run) throws IOException {
    List<JsonNode> differences = new ArrayList<>();
    new ObjectMapper().readTree(run.out()).path("differences").forEach(differences::add);
    return differences;
  }

  private static void set(Admin admin, String topic, String property, String value)
      throws Exception {
    admin
        .incrementalAlterConfigs(
            Map.of(
                new ConfigResource(ConfigResource.Type.TOPIC, topic),
                List.of(
                    new AlterConfigOp(new ConfigEntry(property, value), AlterConfigOp.OpType.SET))))
        .all()
        .get();
  }

  private String settings(EmbeddedStack stack) throws IOException {
    return Files.write(
            folder.resolve("operator.yaml"),
            """
            worker: {name: operator, roles: [status]}
            kafka: {bootstrapServers: "%s"}
            registry: {url: "%s"}
            """
                .formatted(stack.bootstrapServers(), stack.schemaRegistryUrl())
                .getBytes(UTF_8))
        .toString();
  }
}
