package dev.utter.worker.models;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.utter.embedded.faults.Exchange;
import dev.utter.embedded.faults.FaultyHttp;
import dev.utter.embedded.s3.EmbeddedS3;
import dev.utter.embedded.s3.EmbeddedS3Settings;
import dev.utter.speech.hub.listing.FetchListener;
import dev.utter.speech.hub.listing.HubFile;
import dev.utter.worker.storage.LargeObjects;
import dev.utter.worker.storage.ObjectStore;
import dev.utter.worker.storage.OwnBuckets;
import dev.utter.worker.storage.StorageFixture;
import dev.utter.worker.storage.object.ObjectLocation;
import dev.utter.worker.storage.secret.StorageCredentials;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A store behind a network, models to push and a cache to pull to. */
abstract class ModelTransfer {
  static final StoredModel MODEL = StoredModel.parse("s3://models/voices/csm-1b");
  static final String LARGE = "model.safetensors";

  /** Three parts of a push. */
  static final int PARTED_BYTES = (33 << 20) + 5;

  static final int RANGE_BYTES = 1 << 20;

  /** Three ranges of a pull. */
  static final int LARGE_BYTES = 2 * RANGE_BYTES + 5;

  @TempDir Path folder;
  final List<Exchange> exchanges = new CopyOnWriteArrayList<>();
  final List<String> progress = new CopyOnWriteArrayList<>();
  final List<Duration> waits = new CopyOnWriteArrayList<>();
  EmbeddedS3 s3;
  FaultyHttp network;
  ObjectStore store;
  ModelCache cache;
  long usable = Long.MAX_VALUE;

  final FetchListener listener =
      new FetchListener() {
        @Override
        public void begins(HubFile file, long from) {
          progress.add(file.path() + " from " + from);
        }

        @Override
        public void waits(HubFile file) {
          progress.add("waits");
        }
      };

  @BeforeEach
  final void start() {
    s3 = EmbeddedS3.start(EmbeddedS3Settings.temporary());
    s3.createBucket("models");
    network =
        new FaultyHttp(
            URI.create(s3.endpoint()).getPort(), (exchange, status) -> exchanges.add(exchange));
    store = store(network.url("worker"));
    cache = new ModelCache(folder.resolve("cache"));
  }

  ObjectStore store(String endpoint) {
    return ObjectStore.of(
        StorageFixture.settings(endpoint, new StorageCredentials(s3.accessKey(), s3.secretKey())),
        OwnBuckets.NONE);
  }

  @AfterEach
  final void stop() {
    store.close();
    network.close();
    s3.close();
  }

  Map<String, Path> model(String... contents) throws IOException {
    Map<String, Path> files = new TreeMap<>();
    Path source = Files.createDirectories(folder.resolve("source"));
    for (int i = 0; i < contents.length; i += 2) {
      Path file = source.resolve(contents[i].replace('/', '_'));
      files.put(contents[i], Files.writeString(file, contents[i + 1]));
    }
    return files;
  }

  Map<String, Path> largeModel() throws IOException {
    return largeModel(LARGE_BYTES);
  }

  Map<String, Path> largeModel(int size) throws IOException {
    Map<String, Path> files = model("config.json", "{}", "empty", "");
    byte[] bytes = new byte[size];
    new Random(1).nextBytes(bytes);
    files.put(LARGE, Files.write(folder.resolve("source").resolve(LARGE), bytes));
    return files;
  }

  ModelPush.Plan push(Map<String, Path> files) {
    ModelPush push = new ModelPush(store);
    ModelPush.Plan plan = push.plan(files, MODEL);
    push.push(plan, FetchListener.SILENT);
    return plan;
  }

  ModelPull pull() {
    return new ModelPull(store, cache, listener, waits::add, path -> usable, RANGE_BYTES);
  }

  List<String> written() {
    return exchanges.stream()
        .filter(exchange -> exchange.method().equals("PUT"))
        .map(exchange -> exchange.path().replaceAll(".*/", ""))
        .toList();
  }

  void put(ObjectLocation location, String content) {
    new LargeObjects(store).put(location, content.getBytes(UTF_8), "text/plain");
  }

  ObjectLocation content(ModelPush.Plan plan, String path) {
    return plan.manifest().entries().stream()
        .filter(entry -> entry.path().equals(path))
        .map(MODEL::content)
        .findFirst()
        .orElseThrow();
  }

  static void assertSame(Map<String, Path> files, Path pulled) {
    assertThat(files)
        .allSatisfy((path, file) -> assertThat(pulled.resolve(path)).hasSameBinaryContentAs(file));
  }
}
