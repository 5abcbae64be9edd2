package dev.utter.producer.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.utter.embedded.SharedStack;
import dev.utter.events.ContextNote;
import dev.utter.events.ContextNoteKind;
import dev.utter.events.SynthesisCompleted;
import dev.utter.events.Topics;
import dev.utter.events.Verdict;
import dev.utter.producer.client.SampleEvents;
import dev.utter.producer.client.WorkerSide;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** The worker's notes about context recordings reach the producer. */
@Tag("integration")
class ContextNotesTest {
  private final String requestId = UUID.randomUUID().toString();
  private final StringWriter out = new StringWriter();

  @Test
  void areLinesAfterTheOutcome() {
    // When
    String said = produced();

    // Then
    assertThat(said.lines())
        .satisfiesExactly(
            line -> assertThat(line).startsWith(requestId + " completed: "),
            line ->
                assertThat(line)
                    .isEqualTo(requestId + " note: context 1 at 1.5 s: 0.4 s are clipped"));
  }

  @Test
  void areAnArrayInJson() {
    assertThat(produced("--json"))
        .contains(
            "\"contextNotes\":[{\"context\":1,\"kind\":\"CLIPPED\",\"positionMillis\":1500,"
                + "\"message\":\"0.4 s are clipped\"}]");
  }

  private String produced(String... options) {
    CommandLine client =
        new CommandLine(new ProduceCommand())
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(new StringWriter(), true));
    String[] arguments =
        Stream.concat(
                Stream.of(options),
                Stream.of(
                    "--text",
                    "Hello.",
                    "--request-id",
                    requestId,
                    "--bootstrap-servers",
                    WorkerSide.kafka().bootstrapServers(),
                    "--registry-url",
                    SharedStack.get().schemaRegistryUrl()))
            .toArray(String[]::new);
    CompletableFuture<Integer> exitCode =
        CompletableFuture.supplyAsync(() -> client.execute(arguments));
    try (WorkerSide worker = new WorkerSide()) {
      Awaitility.await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> !WorkerSide.events(Topics.REQUESTS, requestId).isEmpty());
      worker.publish(Topics.COMPLETED, requestId, completed());
      worker.publish(Topics.VERIFIED, requestId, SampleEvents.verified(requestId, Verdict.MATCH));
    }
    assertThat(exitCode).succeedsWithin(Duration.ofSeconds(60)).isEqualTo(0);
    return out.toString();
  }

  private SynthesisCompleted completed() {
    return SynthesisCompleted.newBuilder(SampleEvents.completed(requestId, "0".repeat(64)))
        .setContextNotes(
            List.of(new ContextNote(1, ContextNoteKind.CLIPPED, 1500L, "0.4 s are clipped")))
        .build();
  }
}
