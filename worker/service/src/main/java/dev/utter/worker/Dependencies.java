package dev.utter.worker;

import static java.util.Objects.requireNonNull;

import dev.utter.speech.audio.AudioLimits;
import dev.utter.speech.audio.decode.AudioDecoder;
import dev.utter.worker.avro.SchemaProof;
import dev.utter.worker.decoding.BoundedDecoder;
import dev.utter.worker.failure.RetryLaterException;
import dev.utter.worker.settings.WorkerSettings;
import dev.utter.worker.skip.SkipOrders;
import dev.utter.worker.start.DecoderProof;
import dev.utter.worker.start.KafkaAnswers;
import dev.utter.worker.start.NameClaim;
import dev.utter.worker.start.StartChecks;
import dev.utter.worker.start.WrittenSchemas;
import dev.utter.worker.storage.ObjectStore;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The services and files that a worker depends on, and the checks of them.
 *
 * <p>Threading: opened and checked by the thread that starts the worker; then from any.
 */
final class Dependencies {
  private final WorkerSettings settings;
  private final NameClaim name;
  private final KafkaAnswers kafka;
  private final SkipOrders skips;
  private final Optional<ObjectStore> store;
  private final AudioDecoder decoder;
  private final BoundedDecoder bounded;
  private volatile WorkerTopics.@Nullable Facts topics;

  private Dependencies(
      WorkerSettings settings,
      NameClaim name,
      KafkaAnswers kafka,
      SkipOrders skips,
      Optional<ObjectStore> store,
      AudioDecoder decoder) {
    this.settings = settings;
    this.name = name;
    this.kafka = kafka;
    this.skips = skips;
    this.store = store;
    this.decoder = decoder;
    bounded = new BoundedDecoder(decoder, AudioLimits.DEFAULT, settings.decoding());
  }

  /**
   * Opens the clients; connects to nothing.
   *
   * @param stateFolder the worker's state
   * @param hasStore whether the worker reads or writes clips
   * @param keep gets what the worker is to close; may throw to end the start
   */
  static Dependencies open(
      WorkerSettings settings, Path stateFolder, boolean hasStore, Consumer<AutoCloseable> keep) {
    NameClaim name = new NameClaim(settings.worker().name(), stateFolder);
    keep.accept(name);
    KafkaAnswers kafka = new KafkaAnswers(settings.kafka().client());
    keep.accept(kafka);
    SkipOrders skips = new SkipOrders(settings.kafka().client());
    keep.accept(skips);
    Optional<ObjectStore> store =
        hasStore
            ? Optional.of(ObjectStore.of(settings.storage().orElseThrow(), settings.ownBuckets()))
            : Optional.empty();
    store.ifPresent(keep);
    return new Dependencies(
        settings, name, kafka, skips, store, new AudioDecoder(AudioLimits.DEFAULT));
  }

  /** Adds the checks, in their order. */
  void addTo(StartChecks checks) {
    checks.add("name", name);
    checks.add(
        "kafka",
        () -> {
          kafka.run();
          topics = WorkerTopics.check(settings);
        });
    checks.add("skips", skips::awaitRead);
    checks.add("registry", this::requireSchemas);
    store.ifPresent(
        opened -> {
          checks.add("storage", opened::prove);
          checks.add("decoder", new DecoderProof(decoder));
        });
  }

  /**
   * Checks that the registry accepts the schemas that the worker writes.
   *
   * @throws RetryLaterException with what is wrong
   */
  void requireSchemas() {
    List<SchemaProof.Failure> failures =
        new SchemaProof(settings.registry().client())
            .prove(WrittenSchemas.of(settings.worker().roles()));
    if (!failures.isEmpty()) {
      throw new RetryLaterException(
          failures.stream().map(SchemaProof.Failure::message).collect(Collectors.joining("; ")),
          null);
    }
  }

  KafkaAnswers kafka() {
    return kafka;
  }

  /** Facts about the topics; available once the check of Kafka has passed. */
  WorkerTopics.Facts topics() {
    return requireNonNull(topics, "the check of topics has not run");
  }

  /** Operators' orders to skip records; read once their check has passed. */
  SkipOrders skips() {
    return skips;
  }

  Optional<ObjectStore> store() {
    return store;
  }

  AudioDecoder decoder() {
    return decoder;
  }

  BoundedDecoder bounded() {
    return bounded;
  }
}
