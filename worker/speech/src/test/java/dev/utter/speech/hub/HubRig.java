package dev.utter.speech.hub;

import dev.utter.speech.hub.listing.FetchListener;
import dev.utter.speech.hub.listing.HubListing;
import dev.utter.speech.hub.listing.HubReference;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;

/** A local hub with a small model, and a client of it whose waits take no time. */
final class HubRig implements AutoCloseable {

  static final String ID = "sesame/csm-1b";
  static final HubReference MODEL = HubReference.parse(ID);
  static final String WEIGHTS = "model.safetensors";
  static final Instant NOW = Instant.parse("2026-11-29T12:00:00Z");

  final LocalHub server = new LocalHub();
  final Path cache;
  final List<Duration> waits = new CopyOnWriteArrayList<>();
  final byte[] weights = new byte[300_000];
  final byte[] config = "{\"model_type\": \"csm\"}".getBytes(StandardCharsets.UTF_8);
  final String commit;
  long freeBytes = Long.MAX_VALUE / 2;
  Duration timeout = Duration.ofSeconds(30);

  HubRig(Path cache) {
    this.cache = cache;
    new Random(1).nextBytes(weights);
    commit =
        server.publish(
            ID,
            Map.of(
                "config.json",
                config,
                WEIGHTS,
                weights,
                "prompts/read speech.txt",
                "Hello.".getBytes(StandardCharsets.UTF_8),
                "empty.txt",
                new byte[0]));
  }

  ModelHub hub() {
    return hub(Optional.empty());
  }

  ModelHub hub(Optional<HubToken> token) {
    return new ModelHub(
        new HubSettings(server.endpoint(), cache, false),
        token,
        timeout,
        Clock.fixed(NOW, ZoneOffset.UTC),
        waits::add,
        folder -> freeBytes);
  }

  /** Downloads all files of the model. */
  Path fetch() {
    return fetch(hub(), FetchListener.SILENT);
  }

  Path fetch(ModelHub hub, FetchListener listener) {
    HubListing listing = hub.list(MODEL, listener);
    Path folder = hub.fetch(hub.plan(listing, listing.files()), listener);
    hub.remember(listing);
    return folder;
  }

  Path model() {
    return cache.resolve("models--sesame--csm-1b");
  }

  Path weightsBlob() {
    return model().resolve("blobs").resolve(LocalHub.sha256(weights));
  }

  Path partialWeights() {
    return weightsBlob().resolveSibling(LocalHub.sha256(weights) + ".utter.incomplete");
  }

  /** The part of the weights that an earlier download left. */
  void leave(byte[] bytes) {
    try {
      Files.createDirectories(partialWeights().getParent());
      Files.write(partialWeights(), bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Requests that reached the store, where large files are. */
  List<LocalHub.Request> ofTheStore() {
    return server.requests().stream().filter(r -> r.host().equals("127.0.0.1")).toList();
  }

  @Override
  public void close() {
    server.close();
  }
}
