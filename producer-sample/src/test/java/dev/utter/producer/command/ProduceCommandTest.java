package dev.utter.producer.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.utter.embedded.SharedStack;
import dev.utter.events.FailureCode;
import dev.utter.events.SynthesisRequested;
import dev.utter.events.Topics;
import dev.utter.producer.client.KafkaAccess;
import dev.utter.producer.client.SampleEvents;
import dev.utter.producer.client.WorkerSide;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

@Tag("integration")
class ProduceCommandTest {
  @TempDir Path folder;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private final CommandLine command =
      new CommandLine(new ProduceCommand())
          .setOut(new PrintWriter(out, true))
          .setErr(new PrintWriter(err, true));
  private final String requestId = UUID.randomUUID().toString();

  @ParameterizedTest
  @CsvSource({
    "broker.example:9092, http://localhost:8081, --bootstrap-servers has broker.example:9092",
    "localhost:9092, http://registry.example:8081, --registry-url has http and another host",
  })
  void clearTextToOtherHostsIsRefusedWithTheRemedy(String brokers, String registry, String why) {
    // When
    int exitCode =
        command.execute("--text", "a", "--bootstrap-servers", brokers, "--registry-url", registry);

    // Then
    assertThat(exitCode).isEqualTo(2);
    assertThat(err.toString()).contains(why, "--allow-clear-text");
  }

  @Test
  void printsOneJsonLinePerRequestOfAFileAndExitsOneIfAnyFailed() throws Exception {
    // Given
    String other = UUID.randomUUID().toString();
    Path file =
        Files.writeString(
            folder.resolve("requests.jsonl"),
            """
            {"requestId": "%s", "text": "Hello."}

            {"requestId": "%s", "text": "Hello again."}
            """
                .formatted(requestId, other));

    // When
    CompletableFuture<Integer> exitCode = execute("--file", file.toString(), "--json");
    try (WorkerSide worker = new WorkerSide()) {
      awaitPublished(other);
      worker.complete(requestId, "0".repeat(64));
      worker.publish(Topics.FAILED, other, SampleEvents.failed(other, FailureCode.CANCELLED));
    }

    // Then
    assertThat(exitCode).succeedsWithin(Duration.ofSeconds(30)).isEqualTo(1);
    assertThat(out.toString().lines())
        .satisfiesExactly(
            line -> assertThat(line).contains(requestId, "\"verdict\":\"MATCH\""),
            line -> assertThat(line).contains(other, "\"code\":\"CANCELLED\""));
  }

  @Test
  void exitsZeroOnceItsRequestIsVerified() {
    // When
    CompletableFuture<Integer> exitCode =
        execute("--text", "Hello.", "--request-id", requestId, "--format", "FLAC");
    try (WorkerSide worker = new WorkerSide()) {
      awaitPublished(requestId);
      worker.complete(requestId, "0".repeat(64));
    }

    // Then
    assertThat(exitCode).succeedsWithin(Duration.ofSeconds(30)).isEqualTo(0);
    assertThat(out.toString()).contains(requestId + " completed: 0.08 s", "watermark MATCH");
  }

  @Test
  void damagedContextIsToleratedInARequestsLineOrForAll() throws Exception {
    // Given
    String strict = UUID.randomUUID().toString();
    String tolerant = UUID.randomUUID().toString();
    Path lines =
        Files.writeString(
            folder.resolve("lines.jsonl"),
            """
            {"requestId": "%s", "text": "Hello."}
            {"requestId": "%s", "text": "Hello.", "tolerateDamagedContext": true}
            """
                .formatted(strict, tolerant));
    Path line =
        Files.writeString(
            folder.resolve("line.jsonl"),
            "{\"requestId\": \"%s\", \"text\": \"Hello.\"}".formatted(requestId));

    // When
    CompletableFuture<Integer> each = execute("--file", lines.toString());
    CompletableFuture<Integer> all =
        execute(
            new CommandLine(new ProduceCommand()),
            "--tolerate-damaged-context",
            "--file",
            line.toString());
    try (WorkerSide worker = new WorkerSide()) {
      for (String id : List.of(strict, tolerant, requestId)) {
        awaitPublished(id);
        worker.complete(id, "0".repeat(64));
      }
    }

    // Then
    assertThat(each).succeedsWithin(Duration.ofSeconds(30)).isEqualTo(0);
    assertThat(all).succeedsWithin(Duration.ofSeconds(30)).isEqualTo(0);
    assertThat(tolerates(strict)).isFalse();
    assertThat(tolerates(tolerant)).isTrue();
    assertThat(tolerates(requestId)).isTrue();
  }

  @Test
  void theHelpNamesTheOptionForDamagedContext() {
    assertThat(command.execute("--help")).isZero();
    assertThat(out.toString()).contains("--tolerate-damaged-context", "damaged context recordings");
  }

  @Test
  void aBadLineIsRefusedBeforeAnythingIsPublished() throws Exception {
    // Given
    Path file =
        Files.writeString(
            folder.resolve("requests.jsonl"),
            "{\"requestId\": \"" + requestId + "\", \"text\": \"Hello.\"}\n{\"speaker\": 1}\n");

    // When
    CompletableFuture<Integer> exitCode = execute("--file", file.toString());

    // Then
    assertThat(exitCode).succeedsWithin(Duration.ofSeconds(30)).isEqualTo(2);
    assertThat(err.toString()).contains("line 2", "text");
    assertThat(WorkerSide.events(Topics.REQUESTS, requestId)).isEmpty();
  }

  @Test
  void twoClientsThatUseOneIdBothGetTheOutcomeOfTheFirst() {
    // Given
    CompletableFuture<Integer> first = execute("--text", "Hello.", "--request-id", requestId);
    awaitPublished(requestId);
    StringWriter secondErr = new StringWriter();
    CommandLine otherClient =
        new CommandLine(new ProduceCommand())
            .setOut(new PrintWriter(new StringWriter(), true))
            .setErr(new PrintWriter(secondErr, true));

    // When
    CompletableFuture<Integer> second =
        execute(otherClient, "--text", "Good-bye.", "--request-id", requestId);
    try (WorkerSide worker = new WorkerSide()) {
      Awaitility.await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> WorkerSide.events(Topics.REQUESTS, requestId).size() == 2);
      worker.publish(
          Topics.FAILED, requestId, SampleEvents.failed(requestId, FailureCode.DUPLICATE_ID));
      Awaitility.await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> secondErr.toString().contains("DUPLICATE_ID"));
      worker.complete(requestId, "0".repeat(64));
    }

    // Then
    assertThat(first).succeedsWithin(Duration.ofSeconds(30)).isEqualTo(0);
    assertThat(second).succeedsWithin(Duration.ofSeconds(30)).isEqualTo(0);
    assertThat(secondErr.toString()).contains("waiting for the outcome of the request");
  }

  @Test
  void aRefusedRecordIsTheAnswerIfNothingElseCame() {
    // When
    CompletableFuture<Integer> exitCode =
        execute("--text", "Hello.", "--request-id", requestId, "--timeout", "10");
    try (WorkerSide worker = new WorkerSide()) {
      awaitPublished(requestId);
      worker.publish(
          Topics.FAILED, requestId, SampleEvents.failed(requestId, FailureCode.DUPLICATE_ID));
    }

    // Then
    assertThat(exitCode).succeedsWithin(Duration.ofSeconds(60)).isEqualTo(1);
    assertThat(out.toString()).contains(requestId + " failed: DUPLICATE_ID");
  }

  @Test
  void kafkaThatIsAwayIsNamedWithinTheTimeout() {
    // Given
    StringBuilder failure = new StringBuilder();
    command.setExecutionExceptionHandler(
        (e, line, result) -> {
          failure.append(e.getMessage());
          return 3;
        });
    long began = System.nanoTime();

    // When
    int exitCode =
        command.execute("--text", "Hello.", "--timeout", "3", "--bootstrap-servers", "127.0.0.1:1");

    // Then
    assertThat(exitCode).isEqualTo(3);
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(20));
    assertThat(failure).contains("127.0.0.1:1", "within 3 s");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"text\":\"a\",\"context\":[{\"text\":\"b\",\"key\":\"k\"}]} | field context[0].bucket",
        "{\"text\":\"a\",\"attributes\":{\"a\":null}}                    | field attributes.a",
        "{\"text\":\"a\",\"requestId\":\"first\"}                        | used by an earlier line",
      })
  void aMalformedLineIsNamedBeforeKafkaIsAskedForAnything(String line, String named)
      throws Exception {
    // Given
    Path file =
        Files.writeString(
            folder.resolve("requests.jsonl"),
            "{\"text\": \"Hello.\", \"requestId\": \"first\"}\n" + line + "\n");

    // When
    int exitCode = command.execute("--file", file.toString(), "--bootstrap-servers", "127.0.0.1:1");

    // Then
    assertThat(exitCode).isEqualTo(2);
    assertThat(err.toString()).contains("line 2", named);
  }

  @Test
  void textThatWasLostInTheLocaleIsRefused() {
    // When
    int exitCode =
        command.execute("--text", "Gr\uFFFD\uFFFDe", "--bootstrap-servers", "127.0.0.1:1");

    // Then
    assertThat(exitCode).isEqualTo(2);
    assertThat(err.toString()).contains("LC_ALL=C.UTF-8");
  }

  private CompletableFuture<Integer> execute(String... arguments) {
    return execute(command, arguments);
  }

  private static CompletableFuture<Integer> execute(CommandLine client, String... arguments) {
    KafkaAccess access = WorkerSide.kafka();
    String[] all = new String[arguments.length + 4];
    System.arraycopy(arguments, 0, all, 0, arguments.length);
    all[arguments.length] = "--bootstrap-servers";
    all[arguments.length + 1] = access.bootstrapServers();
    all[arguments.length + 2] = "--registry-url";
    all[arguments.length + 3] = SharedStack.get().schemaRegistryUrl();
    return CompletableFuture.supplyAsync(() -> client.execute(all));
  }

  private static boolean tolerates(String requestId) {
    return ((SynthesisRequested) WorkerSide.events(Topics.REQUESTS, requestId).get(0))
        .getTolerateDamagedContext();
  }

  private static void awaitPublished(String requestId) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> !WorkerSide.events(Topics.REQUESTS, requestId).isEmpty());
  }
}
