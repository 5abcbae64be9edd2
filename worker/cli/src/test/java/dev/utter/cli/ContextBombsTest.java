package dev.utter.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.utter.speech.audio.AudioClip;
import dev.utter.speech.audio.AudioLimits;
import dev.utter.speech.audio.FileFormat;
import dev.utter.speech.audio.encode.AudioEncoder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Context files whose headers claim large contents, four at a time, against one worker with a small
 * heap.
 */
@Tag("integration")
class ContextBombsTest {
  private static final String UNUSABLE =
      "CONTEXT_UNREADABLE context\\[0]\\.audio .* cannot be used: .*, attempt [01]";

  private static final Map<String, String> OUTCOMES =
      Map.of(
          "1.flac",
          UNUSABLE,
          "2.flac",
          "CONTEXT_TOO_LONG context\\[0]\\.audio .* has 2236 frames, .*, attempt [01]",
          "3.opus",
          UNUSABLE,
          "4.mp3",
          "MATCH, attempt 1",
          "5.wav",
          "MATCH, attempt 1",
          "6.flac",
          UNUSABLE,
          "7.flac",
          "CONTEXT_TOO_LONG context\\[0]\\.audio .* has 2236 frames, .*, attempt [01]");

  /** Reasons that must be in the log and not in the outcome. */
  private static final Map<String, String> REASONS =
      Map.of(
          "1.flac",
          "FLAC sample rate is 768000 Hz",
          "3.opus",
          "Ogg channels is 255",
          "6.flac",
          "FLAC sample rate is 655350 Hz");

  /** All recordings are refused except these. */
  private static final Map<String, String> EDGES =
      Map.of(
          "headers.mp3",
          "CONTEXT_UNREADABLE .* MP3 is damaged at 2\\.\\d+ s: .*, attempt 1",
          "one-sample.wav",
          "MATCH, attempt 1");

  private static final long RESIDENT_KIB = 2 << 20;

  @TempDir private static Path folder;
  private static ChildWorkers workers;
  private static ChildWorkers.Child worker;

  @BeforeAll
  static void start() throws Exception {
    workers = new ChildWorkers(folder);
    byte[] mp3 =
        new AudioEncoder(AudioLimits.DEFAULT)
            .encode(new AudioClip(new float[48_000], 24_000), FileFormat.MP3);
    try (Stream<Path> files = Files.list(bombs(mp3))) {
      for (Path file : files.toList()) {
        workers.put("context/" + file.getFileName(), Files.readAllBytes(file));
      }
    }
    OddRecordings.all(mp3).forEach((name, bytes) -> workers.put("context/" + name, bytes));
    worker = workers.worker("worker");
    workers.awaitReady(worker);
  }

  @AfterAll
  static void stop() {
    workers.close();
  }

  @AfterEach
  void theWorkerIsUpAndSpeaksTheNextGoodRequest() throws Exception {
    CommandRun run = workers.produce("--text", "Good morning.", "--max-duration", "3");
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(new ObjectMapper().readTree(run.out()).path("attempt").asInt()).isEqualTo(1);
    assertThat(worker.process().isAlive()).as(worker.said()).isTrue();
    workers.awaitReady(worker);
    Path status = Path.of("/proc/" + worker.process().pid() + "/status");
    if (Files.exists(status)) {
      assertThat(peakKib(status)).isLessThan(RESIDENT_KIB);
    }
  }

  @Test
  void whatKeepsTheDecoderFromTheMachineIsInTheLogOnce() throws Exception {
    assertThat(worker.said().lines())
        .filteredOn(line -> line.matches(".*(Decoder sandbox chosen|No sandbox for the decoder).*"))
        .hasSize(1);
  }

  static Stream<List<String>> bombsAtOnce() {
    return Stream.of(
        Collections.nCopies(4, "1.flac"),
        Collections.nCopies(4, "2.flac"),
        Collections.nCopies(4, "3.opus"),
        Collections.nCopies(4, "4.mp3"),
        Collections.nCopies(4, "5.wav"),
        Collections.nCopies(4, "7.flac"),
        List.of("1.flac", "3.opus", "4.mp3", "5.wav", "6.flac"));
  }

  @ParameterizedTest
  @MethodSource("bombsAtOnce")
  void eachRequestEndsWithAClearOutcome(List<String> bombs) throws Exception {
    // When
    List<String> outcomes = outcomes(bombs);

    // Then
    assertThat(outcomes).hasSameSizeAs(bombs);
    for (int i = 0; i < outcomes.size(); i++) {
      String bomb = bombs.get(i);
      assertThat(outcomes.get(i)).matches(OUTCOMES.get(bomb));
      if (REASONS.containsKey(bomb)) {
        assertThat(outcomes.get(i)).doesNotContain(REASONS.get(bomb));
        assertThat(worker.said()).contains(REASONS.get(bomb));
      }
    }
  }

  @Test
  void recordingsAtTheEdgeAreUsedOrRefused() throws Exception {
    // Given
    List<String> names = List.copyOf(OddRecordings.all(new byte[0]).keySet());

    // When
    List<String> outcomes = outcomes(names);

    // Then
    assertThat(outcomes).hasSameSizeAs(names);
    for (int i = 0; i < names.size(); i++) {
      assertThat(outcomes.get(i))
          .as(names.get(i))
          .matches(EDGES.getOrDefault(names.get(i), UNUSABLE));
    }
  }

  /** Outcomes of requests that are published at the same time, each with one context file. */
  private static List<String> outcomes(List<String> keys) throws IOException {
    List<String> requests =
        keys.stream()
            .map(
                key ->
                    """
                    {"text": "Hello.", "maxDurationMillis": 2000, "context": [{"speaker": 0, \
                    "text": "Hello.", "bucket": "%s", "key": "context/%s"}]}\
                    """
                        .formatted(ChildWorkers.BUCKET, key))
            .toList();
    Path file = Files.write(folder.resolve("requests.jsonl"), requests);
    CommandRun run = workers.produce("--file", file.toString(), "--timeout", "240");
    assertThat(run.exitCode()).as(run.err() + worker.said()).isBetween(0, 1);
    List<String> outcomes = new ArrayList<>();
    for (String line : run.out().lines().toList()) {
      JsonNode outcome = new ObjectMapper().readTree(line);
      String end =
          outcome.has("code")
              ? Stream.of("code", "field", "message")
                  .map(name -> outcome.path(name).asText())
                  .collect(Collectors.joining(" "))
              : outcome.path("verdict").asText();
      outcomes.add(end + ", attempt " + outcome.path("attempt").asInt());
    }
    return outcomes;
  }

  /** The files, made by the program that the decoder's tests use. */
  private static Path bombs(byte[] mp3) throws Exception {
    Path sound = Files.write(folder.resolve("sound.mp3"), mp3);
    Path files = Files.createDirectory(folder.resolve("bombs"));
    Path output = folder.resolve("bombs.log");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                ChildWorkers.HOME
                    .resolve("worker/speech/src/test/java/dev/utter/speech/audio/BombFiles.java")
                    .toString(),
                files.toString(),
                sound.toString())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    assertThat(process.waitFor()).as(Files.readString(output)).isZero();
    return files;
  }

  private static long peakKib(Path status) throws IOException {
    return Files.readAllLines(status).stream()
        .filter(line -> line.startsWith("VmHWM:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .findFirst()
        .orElseThrow();
  }
}
