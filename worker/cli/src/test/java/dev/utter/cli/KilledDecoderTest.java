package dev.utter.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import dev.utter.events.ContextUtterance;
import dev.utter.events.GenerationOptions;
import dev.utter.events.ObjectReference;
import dev.utter.events.SynthesisRequested;
import dev.utter.events.Topics;
import dev.utter.speech.audio.AudioClip;
import dev.utter.speech.audio.AudioLimits;
import dev.utter.speech.audio.FileFormat;
import dev.utter.speech.audio.encode.AudioEncoder;
import dev.utter.worker.avro.EventSerializer;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Workers that are killed while their decoder reads a recording. */
@Tag("integration")
class KilledDecoderTest {
  private static final int LIVES = 5;
  private static final int RATE = 24_000;

  /** Each kill may also interrupt a request whose clip is being generated. */
  private static final int ATTEMPTS = LIVES + 1;

  /**
   * Long enough that decoding takes some tenths of a second, short enough to leave positions for
   * the clip.
   */
  private static final int SECONDS = 100;

  /** A worker decodes four at a time, so that a kill hits a running decoder. */
  private static final List<String> REQUESTS =
      IntStream.range(0, 12).mapToObj(i -> "spoken-at-last-" + i).toList();

  private static final Duration OFTEN = Duration.ofMillis(2);

  @TempDir private Path folder;

  @Test
  void noRecordingAndNoDecoderIsLeftAndAllRequestsAreSpokenAtLast() throws Exception {
    // Given
    assumeThat(Path.of("/proc/self/stat")).exists();
    Path temporary = Files.createDirectory(folder.resolve("tmp"));
    try (ChildWorkers workers = new ChildWorkers(folder)) {
      byte[] voice =
          new AudioEncoder(AudioLimits.DEFAULT)
              .encode(new AudioClip(new float[SECONDS * RATE], RATE), FileFormat.MP3);
      REQUESTS.forEach(id -> workers.put("context/" + id + ".mp3", voice));
      publish(workers);
      Set<Long> decoders = new TreeSet<>();

      // When
      for (int life = 0; life < LIVES; life++) {
        ChildWorkers.Child worker = worker(workers, "worker-" + life, temporary);
        decoders.add(decoderOf(worker).pid());
        worker.process().destroyForcibly().onExit().join();
      }

      // Then
      assertThat(decoders).hasSize(LIVES);
      await("the decoders end")
          .atMost(ChildWorkers.PATIENCE)
          .until(() -> decoders.stream().noneMatch(KilledDecoderTest::isAlive));
      assertThat(recordingsIn(temporary)).isEmpty();

      // When
      ChildWorkers.Child last = worker(workers, "last", temporary);

      // Then
      try (PublishedRecords published = new PublishedRecords(workers.stack)) {
        for (String id : REQUESTS) {
          assertThat(published.completed(id).getRequestId()).isEqualTo(id);
        }
        assertThat(REQUESTS).allSatisfy(id -> assertThat(published.outcomes(id)).isEqualTo(1));
      }
      workers.awaitReady(last);
    }
  }

  private static ChildWorkers.Child worker(ChildWorkers workers, String name, Path temporary)
      throws Exception {
    return workers.worker(
        name,
        Map.of(
            "JAVA_TOOL_OPTIONS",
            "-Djava.io.tmpdir=" + temporary,
            "UTTER_INTAKE_ATTEMPT_LIMIT",
            Integer.toString(ATTEMPTS)));
  }

  /** Waits for the process that decodes. */
  private static ProcessHandle decoderOf(ChildWorkers.Child worker) throws Exception {
    return await("decoder")
        .atMost(ChildWorkers.PATIENCE)
        .pollDelay(Duration.ZERO)
        .pollInterval(OFTEN)
        .failFast("the worker ended", () -> !worker.process().isAlive())
        .until(
            () ->
                worker
                    .process()
                    .descendants()
                    .filter(KilledDecoderTest::readsTheRecording)
                    .findFirst(),
            found -> found.isPresent())
        .orElseThrow();
  }

  private static boolean readsTheRecording(ProcessHandle process) {
    return process
        .info()
        .arguments()
        .map(arguments -> String.join(" ", arguments))
        .filter(arguments -> arguments.contains(" -f mp3 -vn "))
        .isPresent();
  }

  private static boolean isAlive(long pid) {
    return ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
  }

  /** Files with content; a file that was just created is empty. */
  private static List<Path> recordingsIn(Path temporary) throws Exception {
    List<Path> recordings = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(temporary, "utter-audio-*")) {
      for (Path file : files) {
        if (Files.size(file) > 0) {
          recordings.add(file);
        }
      }
    }
    return recordings;
  }

  private static void publish(ChildWorkers workers) {
    try (EventSerializer serializer =
            new EventSerializer(Map.of("schema.registry.url", workers.stack.schemaRegistryUrl()));
        KafkaProducer<byte[], byte[]> producer = workers.producer(Map.of())) {
      for (String id : REQUESTS) {
        producer.send(
            new ProducerRecord<>(
                Topics.REQUESTS,
                id.getBytes(UTF_8),
                serializer.serialize(Topics.REQUESTS, request(id))));
      }
    }
  }

  private static SynthesisRequested request(String id) {
    ObjectReference voice =
        new ObjectReference(ChildWorkers.BUCKET, "context/" + id + ".mp3", null);
    return SynthesisRequested.newBuilder()
        .setRequestId(id)
        .setText("Hello.")
        .setContext(List.of(new ContextUtterance(0, "Hello.", voice)))
        .setOptions(GenerationOptions.newBuilder().setMaxDurationMillis(1000).setSeed(7L).build())
        .setRequestedAt(Instant.now())
        .build();
  }
}
