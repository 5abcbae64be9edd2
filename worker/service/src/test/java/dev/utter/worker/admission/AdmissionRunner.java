package dev.utter.worker.admission;

import dev.utter.embedded.EmbeddedStack;
import dev.utter.worker.cloudevents.CloudEvents;
import dev.utter.worker.failure.WorkerBrokenException;
import dev.utter.worker.publisher.PublisherSettings;
import dev.utter.worker.streams.Guard;
import dev.utter.worker.streams.InPlaceRetry;
import dev.utter.worker.streams.Polls;
import dev.utter.worker.streams.StageRunner;
import dev.utter.worker.streams.StreamsProperties;
import dev.utter.worker.streams.commit.CommitTime;
import dev.utter.worker.threads.Pause;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Admission as a worker runs it, on a real broker and registry.
 *
 * @param stack broker and registry
 * @param worker name of the worker
 * @param stateFolder folder of its state, for itself
 * @param partitions of the topic of requests
 * @param publishers limits of publishers
 * @param streams settings of Kafka Streams
 */
record AdmissionRunner(
    EmbeddedStack stack,
    String worker,
    Path stateFolder,
    int partitions,
    PublisherSettings publishers,
    Map<String, String> streams) {

  /** One worker without limits and other settings than the defaults. */
  static AdmissionRunner of(EmbeddedStack stack, Path stateFolder, int partitions) {
    return new AdmissionRunner(
        stack, "worker", stateFolder, partitions, PublisherSettings.defaults(), Map.of());
  }

  static Map<String, String> registry(EmbeddedStack stack) {
    return Map.of("schema.registry.url", stack.schemaRegistryUrl(), "max.retries", "0");
  }

  AdmissionRunner with(Map<String, String> otherStreams) {
    return new AdmissionRunner(stack, worker, stateFolder, partitions, publishers, otherStreams);
  }

  /** A runner that has not started. */
  StageRunner build(
      Pause pause, AdmissionListener listener, Consumer<WorkerBrokenException> broken) {
    return new StageRunner(
        new AdmissionStage(
            AdmissionSettings.defaults(),
            AdmissionRig.ACCESS,
            publishers,
            partitions,
            registry(stack),
            CloudEvents.OFF,
            Guard.of(new InPlaceRetry(Duration.ofSeconds(5), pause)),
            Clock.fixed(AdmissionRig.START, ZoneOffset.UTC),
            listener),
        StreamsProperties.of(
            "utter-admission",
            worker,
            stateFolder,
            64L << 20,
            Polls.of(500),
            CommitTime.AFTER_EACH_POLL,
            Map.of("bootstrap.servers", stack.bootstrapServers()),
            Map.of(),
            Map.of(),
            streams),
        pause,
        Duration.ofSeconds(20),
        Clock.systemUTC(),
        broken);
  }
}
