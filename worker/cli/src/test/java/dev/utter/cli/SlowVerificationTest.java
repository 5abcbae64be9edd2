package dev.utter.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.utter.embedded.faults.FaultyHttp;
import dev.utter.embedded.faults.Interception;
import dev.utter.events.ObjectReference;
import dev.utter.events.Topics;
import dev.utter.events.Verdict;
import dev.utter.events.VerificationRequested;
import dev.utter.speech.audio.AudioClip;
import dev.utter.speech.audio.AudioLimits;
import dev.utter.speech.audio.FileFormat;
import dev.utter.speech.audio.decode.AudioDecoder;
import dev.utter.speech.audio.encode.AudioEncoder;
import dev.utter.worker.avro.EventSerializer;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clips whose check takes long, beside others in one partition of one worker. */
@Tag("integration")
class SlowVerificationTest {
  private static final int RATE = 24_000;
  private static final int SECONDS = 30;

  /** Gives three minutes, the longest recording allowed. */
  private static final int PARTS = 6;

  @TempDir private Path folder;

  @Test
  void eachIsCheckedOnceAndNoTransactionIsOpenMeanwhile() throws Exception {
    try (ChildWorkers workers = new ChildWorkers(folder);
        FaultyHttp network =
            new FaultyHttp(
                URI.create(workers.stack.s3Endpoint()).getPort(), (exchange, status) -> {})) {
      // Given
      float[] noise = noise();
      byte[] marked = marked(wave(noise));
      workers.put("clips/marked.wav", marked);
      workers.put("clips/half.wav", halfOf(samples(marked), noise));
      workers.put("clips/late.wav", wave(noise));
      Interception late =
          Interception.holdAnswer(exchange -> exchange.path().endsWith("/late.wav"));
      network.add(late);
      ChildWorkers.Child worker =
          workers.worker("worker", Map.of("UTTER_STORAGE_ENDPOINT", network.url("worker")));
      workers.awaitReady(worker);
      try (PublishedRecords published = new PublishedRecords(workers.stack)) {

        // When
        ask(workers, List.of("marked", "late", "half", "marked"));
        late.met().get(ChildWorkers.PATIENCE.toSeconds(), TimeUnit.SECONDS);

        // Then
        assertThat(published.verdicts("marked", 1)).containsExactly(Verdict.MATCH);

        // When
        network.remove(late);
        late.release();

        // Then
        assertThat(published.verdicts("late", 1)).containsExactly(Verdict.NOT_FOUND);
        assertThat(published.verdicts("half", 1)).doesNotContain(Verdict.OTHER_KEY);
        assertThat(published.verdicts("marked", 2)).containsOnly(Verdict.MATCH);
      }
      CommandRun run = workers.produce("--text", "Good morning.", "--max-duration", "2");
      assertThat(run.exitCode()).as(run.err() + run.out() + worker.said()).isZero();
      assertThat(workers.records(Topics.VERIFIED)).isEqualTo(4 + 1);
      workers.awaitReady(worker);
    }
  }

  private static void ask(ChildWorkers workers, List<String> names) {
    try (EventSerializer serializer =
            new EventSerializer(Map.of("schema.registry.url", workers.stack.schemaRegistryUrl()));
        KafkaProducer<byte[], byte[]> producer = workers.producer(Map.of())) {
      for (String name : names) {
        ObjectReference audio =
            new ObjectReference(ChildWorkers.BUCKET, "clips/" + name + ".wav", null);
        VerificationRequested event =
            VerificationRequested.newBuilder()
                .setRequestId(name)
                .setAudio(audio)
                .setRequestedAt(Instant.EPOCH)
                .build();
        producer.send(
            new ProducerRecord<>(
                Topics.VERIFICATION_REQUESTS,
                0,
                name.getBytes(UTF_8),
                serializer.serialize(Topics.VERIFICATION_REQUESTS, event)));
      }
    }
  }

  /** A clip marked with the key of the deployment. */
  private byte[] marked(byte[] clip) throws Exception {
    Path in = Files.write(folder.resolve("clip.wav"), clip);
    Path out = folder.resolve("marked.wav");
    CommandRun run = CommandRun.of("watermark", "embed", in.toString(), out.toString());
    assertThat(run.exitCode()).as(run.err()).isZero();
    return Files.readAllBytes(out);
  }

  /**
   * Alternates marked and unmarked parts. About half of the frames then agree with the key, which
   * takes the longest search.
   */
  private static byte[] halfOf(float[] marked, float[] unmarked) {
    float[] samples = new float[PARTS * unmarked.length];
    for (int part = 0; part < PARTS; part++) {
      float[] from = part % 2 == 0 ? marked : unmarked;
      System.arraycopy(from, 0, samples, part * unmarked.length, unmarked.length);
    }
    return wave(samples);
  }

  private static float[] noise() {
    Random random = new Random(1);
    float[] samples = new float[RATE * SECONDS];
    for (int i = 0; i < samples.length; i++) {
      samples[i] = (float) (0.1 * random.nextGaussian());
    }
    return samples;
  }

  private static float[] samples(byte[] file) {
    return new AudioDecoder(AudioLimits.DEFAULT).decode(file).samples();
  }

  private static byte[] wave(float[] samples) {
    return new AudioEncoder(AudioLimits.DEFAULT)
        .encode(new AudioClip(samples, RATE), FileFormat.WAV_PCM16);
  }
}
