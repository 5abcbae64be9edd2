package dev.utter.producer.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.utter.embedded.EmbeddedStack;
import dev.utter.embedded.SharedStack;
import dev.utter.events.FailureCode;
import dev.utter.events.SynthesisCompleted;
import dev.utter.events.SynthesisRequested;
import dev.utter.events.Topics;
import dev.utter.events.Verdict;
import dev.utter.events.WatermarkVerified;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The examples in other languages against a real broker and registry. What they need is not part of
 * the build, so each is skipped where its interpreter or its libraries are missing; their README
 * says how to install them.
 */
@Tag("integration")
class ExamplesTest {
  private static final Path FOLDER =
      Path.of(System.getProperty("utter.home"), "producer-sample/examples");
  private static final String PUBLISHED = "published: ";
  private static final String PYTHON_MODULE = "confluent_kafka.schema_registry.avro";
  private static final long PATIENCE_SECONDS = 120;

  /** More than a number of JavaScript can hold exactly. */
  private static final long SEED = Long.MAX_VALUE - 14;

  private final WorkerSide worker = new WorkerSide();

  private enum Example {
    PYTHON,
    TYPESCRIPT;

    private static boolean built;

    private Path folder() {
      return FOLDER.resolve(name().toLowerCase(Locale.ROOT));
    }

    /** The command without its argument; skips the test where it cannot run. */
    private List<String> command() throws Exception {
      if (this == PYTHON) {
        Path own = folder().resolve(".venv/bin/python");
        String python = Files.isExecutable(own) ? own.toString() : "python3";
        assumeTrue(
            isInstalled("python3") && succeeds(python, "-c", "import " + PYTHON_MODULE),
            "Python example: python3 or the packages of requirements.txt are not installed");
        return List.of(python, "speak.py");
      }
      assumeTrue(
          isInstalled("node") && Files.isDirectory(folder().resolve("node_modules")),
          "TypeScript example: node is not installed, or npm ci was not run in " + folder());
      assertThat(built || succeeds("node", "node_modules/typescript/bin/tsc")).isTrue();
      built = true;
      return List.of("node", "dist/speak.js");
    }

    private boolean succeeds(String... command) throws IOException, InterruptedException {
      Process process =
          new ProcessBuilder(command)
              .directory(folder().toFile())
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      return process.waitFor() == 0;
    }
  }

  @AfterEach
  void close() {
    worker.close();
  }

  @ParameterizedTest
  @EnumSource
  void anExamplePrintsTheUrlOfItsVerifiedClip(Example example) throws Exception {
    // When
    Run run = Run.of(example, "Hello from an example.");
    String id = run.requestId();
    worker.abort(Topics.FAILED, id, SampleEvents.failed(id, FailureCode.INTERNAL));
    worker.publish(Topics.VERIFIED, id, answered(id));
    worker.publish(
        Topics.COMPLETED,
        id,
        SynthesisCompleted.newBuilder(SampleEvents.completed(id, "0".repeat(64)))
            .setSeed(SEED)
            .build());
    worker.publish(Topics.VERIFIED, id, SampleEvents.verified(id, Verdict.MATCH));

    // Then
    assertThat(run.exitStatus()).as(run.errors()).isZero();
    assertThat(run.output()).isEqualTo("s3://utter/clips/" + id + ".wav");
    assertThat(run.errors()).contains("completed: 0.08 s, seed " + SEED);
    assertThat(WorkerSide.events(Topics.REQUESTS, id))
        .singleElement()
        .satisfies(
            event ->
                assertThat(((SynthesisRequested) event).getText())
                    .isEqualTo("Hello from an example."));
  }

  @ParameterizedTest
  @EnumSource
  void anExampleReportsTheFailureOfItsRequest(Example example) throws Exception {
    // When
    Run run = Run.of(example, "Hello.");
    String id = run.requestId();
    worker.publish(Topics.FAILED, id, SampleEvents.failed(id, FailureCode.CANCELLED));

    // Then
    assertThat(run.exitStatus()).as(run.errors()).isEqualTo(1);
    assertThat(run.output()).isEmpty();
    assertThat(run.errors()).contains("CANCELLED: no longer wanted");
  }

  @ParameterizedTest
  @EnumSource
  void anExampleReportsAClipWithoutItsMark(Example example) throws Exception {
    // When
    Run run = Run.of(example, "Hello.");
    String id = run.requestId();
    worker.publish(Topics.VERIFIED, id, SampleEvents.verified(id, Verdict.NOT_FOUND));
    worker.publish(Topics.COMPLETED, id, SampleEvents.completed(id, "0".repeat(64)));

    // Then
    assertThat(run.exitStatus()).as(run.errors()).isEqualTo(1);
    assertThat(run.output()).isEmpty();
    assertThat(run.errors()).contains("NOT_FOUND");
  }

  /** The verdict of a requested verification, which an example must not take for its own. */
  private static Object answered(String id) {
    return WatermarkVerified.newBuilder(SampleEvents.verified(id, Verdict.OBJECT_CHANGED))
        .setRequested(true)
        .build();
  }

  private static boolean isInstalled(String program) {
    return Stream.of(System.getenv("PATH").split(File.pathSeparator))
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
  }

  /** An example that runs. */
  private static final class Run {
    private final Process process;
    private final BufferedReader errors;
    private final List<String> seen = new ArrayList<>();

    private Run(Process process) {
      this.process = process;
      this.errors = process.errorReader(UTF_8);
    }

    private static Run of(Example example, String text) throws Exception {
      List<String> command = new ArrayList<>(example.command());
      command.add(text);
      EmbeddedStack stack = SharedStack.get();
      ProcessBuilder builder = new ProcessBuilder(command).directory(example.folder().toFile());
      builder.environment().put("UTTER_KAFKA_BOOTSTRAP_SERVERS", stack.bootstrapServers());
      builder.environment().put("UTTER_REGISTRY_URL", stack.schemaRegistryUrl());
      Process process = builder.start();
      // Ends the reads of a test whose example hangs.
      process
          .onExit()
          .orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS)
          .exceptionally(late -> process.destroyForcibly());
      return new Run(process);
    }

    /** Waits until the request is published. */
    private String requestId() throws IOException {
      String line;
      while ((line = errors.readLine()) != null) {
        seen.add(line);
        if (line.startsWith(PUBLISHED)) {
          return line.substring(PUBLISHED.length());
        }
      }
      throw new AssertionError("nothing was published: " + seen);
    }

    private int exitStatus() throws InterruptedException {
      errors.lines().forEach(seen::add);
      return process.waitFor();
    }

    private String output() {
      return process.inputReader(UTF_8).lines().collect(Collectors.joining("\n"));
    }

    private String errors() {
      return String.join("\n", seen);
    }
  }
}
