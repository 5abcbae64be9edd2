package dev.utter.benchmarks.pipeline;

import dev.utter.embedded.EmbeddedStack;
import dev.utter.events.AudioFormat;
import dev.utter.events.GenerationOptions;
import dev.utter.events.SynthesisRequested;
import dev.utter.producer.client.KafkaAccess;
import dev.utter.producer.client.SynthesisClient;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;

/** Publishes requests with the client of the sample producer. */
final class RequestSource implements AutoCloseable {
  private final SynthesisClient client;
  private final Duration clip;
  private final String run;
  private final List<CompletableFuture<Void>> sent = new ArrayList<>();
  private int number;

  /**
   * Makes a source.
   *
   * @param clip how much speech each request asks for
   * @param run start of the request ids
   */
  RequestSource(EmbeddedStack stack, Duration clip, String run) {
    this.client =
        new SynthesisClient(
            new KafkaAccess(stack.bootstrapServers(), stack.schemaRegistryUrl(), Map.of()));
    this.clip = clip;
    this.run = run;
  }

  /**
   * Publishes a request at each of the times, counted from now, without waiting for
   * acknowledgements or results. A late request is sent at once; its time still counts from when it
   * was due.
   */
  List<Sent> at(List<Duration> times) {
    long start = System.nanoTime();
    Instant startedAt = Instant.now();
    List<Sent> requests = new ArrayList<>();
    for (Duration time : times) {
      long due = start + time.toNanos();
      for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
        LockSupport.parkNanos(left);
      }
      String id = run + "-" + number++;
      sent.add(client.publish(request(id)));
      requests.add(new Sent(id, due, startedAt.plus(time)));
    }
    return requests;
  }

  /** Returns when the broker has acknowledged every request; throws if it refused one. */
  void await() {
    sent.forEach(CompletableFuture::join);
    sent.clear();
  }

  private SynthesisRequested request(String id) {
    return SynthesisRequested.newBuilder()
        .setRequestId(id)
        .setText("A request of the pipeline benchmark.")
        .setOptions(
            GenerationOptions.newBuilder()
                .setMaxDurationMillis((int) clip.toMillis())
                .setSeed(1L)
                .setFormat(AudioFormat.WAV_PCM16)
                .build())
        .setRequestedAt(Instant.now())
        .build();
  }

  @Override
  public void close() {
    client.close();
  }
}
