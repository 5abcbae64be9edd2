package dev.utter.worker.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.utter.embedded.faults.TcpProxy;
import dev.utter.speech.hub.listing.FetchListener;
import dev.utter.worker.storage.ObjectStore;
import dev.utter.worker.storage.failure.BucketNotFoundException;
import dev.utter.worker.storage.failure.ObjectNotFoundException;
import dev.utter.worker.storage.failure.ObjectTooLargeException;
import dev.utter.worker.storage.failure.StorageUnavailableException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ModelPullTest extends ModelTransfer {

  @Test
  void aPulledModelIsNotPulledAgain() throws IOException {
    // Given
    push(model("config.json", "{}"));
    Path pulled = pull().pull(MODEL);
    progress.clear();

    // Then
    assertThat(pull().pull(MODEL)).isEqualTo(pulled);
    assertThat(progress).isEmpty();
  }

  @Test
  void ofTwoPullsAtOnceOneDoesTheWork() throws Exception {
    // Given
    Map<String, Path> files = largeModel();
    push(files);
    exchanges.clear();
    int pulls = 3;
    CountDownLatch begin = new CountDownLatch(pulls);
    ExecutorService threads = Executors.newFixedThreadPool(pulls);

    // When
    List<Future<Path>> pulled = new ArrayList<>();
    for (int i = 0; i < pulls; i++) {
      pulled.add(
          threads.submit(
              () -> {
                begin.countDown();
                begin.await();
                return pull().pull(MODEL);
              }));
    }

    // Then
    for (Future<Path> each : pulled) {
      assertSame(files, each.get());
    }
    threads.shutdown();
    assertThat(exchanges)
        .filteredOn(exchange -> exchange.method().equals("GET") && exchange.path().endsWith(LARGE))
        .hasSize(3);
  }

  @Test
  void aBodyThatIsCutIsContinuedWhereItEnded() throws IOException {
    // Given: a network that breaks within a range, larger than what sockets hold
    int bytes = 15 << 20;
    Map<String, Path> files = largeModel(bytes);
    push(files);
    exchanges.clear();
    AtomicLong received = new AtomicLong();
    AtomicInteger cuts = new AtomicInteger();
    try (TcpProxy breaking = TcpProxy.start(URI.create(s3.endpoint()).getPort());
        ObjectStore through = store("http://127.0.0.1:" + breaking.port())) {
      FetchListener cutting =
          new FetchListener() {
            @Override
            public void received(long bytes) {
              if (received.addAndGet(bytes) > RANGE_BYTES && cuts.getAndIncrement() == 0) {
                breaking.cut();
              }
            }
          };

      // When
      Path pulled =
          new ModelPull(through, cache, cutting, waits::add, path -> usable, bytes).pull(MODEL);

      // Then
      assertSame(files, pulled);
      assertThat(waits).containsExactly(Duration.ofSeconds(1));
      assertThat(received).hasValue(bytes + 2);
    }
  }

  @Test
  void aPullThatEndedEarlyIsContinued() throws IOException {
    // Given: what a killed pull leaves
    Map<String, Path> files = largeModel();
    push(files);
    ModelManifest manifest = pull().manifest(MODEL);
    Path target = cache.folder(MODEL, manifest);
    Path partial = Files.createDirectories(target.resolveSibling("csm-1b.partial"));
    byte[] begun = new byte[RANGE_BYTES + 7];
    System.arraycopy(Files.readAllBytes(files.get(LARGE)), 0, begun, 0, begun.length);
    Files.write(partial.resolve(LARGE), begun);

    // When
    Path pulled = pull().pull(MODEL);

    // Then
    assertSame(files, pulled);
    assertThat(progress).contains(LARGE + " from " + begun.length);
    assertThat(partial).doesNotExist();
  }

  @Test
  void wrongBytesOfAnEarlierPullArePulledAgain() throws IOException {
    // Given
    Map<String, Path> files = model("config.json", "{}", LARGE, "weights");
    push(files);
    ModelManifest manifest = pull().manifest(MODEL);
    Path target = cache.folder(MODEL, manifest);
    Path partial = Files.createDirectories(target.resolveSibling("csm-1b.partial"));
    Files.writeString(partial.resolve(LARGE), "wei?");
    Files.writeString(partial.resolve("config.json"), "much too long");

    // Then
    assertSame(files, pull().pull(MODEL));
  }

  @Test
  void aModelThatWasDamagedInTheCacheIsCompleted() throws IOException {
    // Given
    Map<String, Path> files = model("config.json", "{}", LARGE, "weights");
    push(files);
    Path pulled = pull().pull(MODEL);
    Files.delete(pulled.resolve(LARGE));
    progress.clear();

    // Then
    assertSame(files, pull().pull(MODEL));
    assertThat(progress).contains(LARGE + " from 0", "config.json from 2");
  }

  @Test
  void anObjectThatWasChangedIsRefusedByName() throws IOException {
    // Given
    ModelPush.Plan plan = push(model("config.json", "{}", LARGE, "weights"));
    put(content(plan, LARGE), "wEights");

    // Then
    assertThatThrownBy(() -> pull().pull(MODEL))
        .isInstanceOf(ModelTransferException.class)
        .hasMessageStartingWith(content(plan, LARGE).toString())
        .hasMessageContaining("another content than the manifest lists for model.safetensors");
    assertThat(cache.find(MODEL)).isEmpty();
    assertThat(waits).isEmpty();
  }

  @Test
  void anObjectOfAnotherSizeIsRefusedByNameBeforeItIsRead() throws IOException {
    // Given
    Map<String, Path> files = model("config.json", "{}", LARGE, "weights");
    ModelPush.Plan plan = push(files);
    put(content(plan, LARGE), "other weights");

    // Then
    assertThatThrownBy(() -> pull().pull(MODEL))
        .isInstanceOf(ModelTransferException.class)
        .hasMessageStartingWith(content(plan, LARGE) + " has 13 bytes, but the manifest lists 7");
    assertThatThrownBy(() -> push(files))
        .isInstanceOf(ModelTransferException.class)
        .hasMessageContaining("it was changed; delete it and push again");
  }

  @Test
  void anObjectThatIsMissingIsNamed() throws IOException {
    // Given
    ModelPush.Plan plan = push(model("config.json", "{}", LARGE, "weights"));
    store.delete(content(plan, LARGE));

    // Then
    assertThatThrownBy(() -> pull().pull(MODEL))
        .isInstanceOf(ObjectNotFoundException.class)
        .hasMessageContaining(content(plan, LARGE) + ": there is no such object");
  }

  @Test
  void anInvalidManifestIsRefusedByName() {
    // Given
    put(
        MODEL.manifest(),
        "{\"utterModel\": 1, \"files\": [{\"path\": \"../../x\", \"bytes\": 1, \"sha256\": \"\"}]}");

    // Then
    assertThatThrownBy(() -> pull().pull(MODEL))
        .isInstanceOf(ModelTransferException.class)
        .hasMessageStartingWith(MODEL.manifest() + ": the path \"../../x\" is no name of a file");
    assertThat(cache.folder()).doesNotExist();
  }

  @Test
  void aManifestThatIsTooLargeIsNotRead() {
    // Given
    put(MODEL.manifest(), " ".repeat(ModelManifest.MAX_BYTES + 1));

    // Then
    assertThatThrownBy(() -> pull().pull(MODEL)).isInstanceOf(ObjectTooLargeException.class);
  }

  @Test
  void aModelLargerThanTheDiskIsRefusedBeforeAnyOfItIsRead() {
    // Given
    String digest = "0".repeat(64);
    put(
        MODEL.manifest(),
        "{\"utterModel\": 1, \"files\": [{\"path\": \"a\", \"bytes\": %d, \"sha256\": \"%s\"}]}"
            .formatted(Long.MAX_VALUE - 1000, digest));
    usable = 100_000_000;

    // Then
    assertThatThrownBy(() -> pull().pull(MODEL))
        .isInstanceOf(ModelTransferException.class)
        .hasMessageContaining("has 100 MB free, but the pull needs 9223372036")
        .hasMessageContaining("storage.modelCache");
    assertThat(exchanges).noneMatch(exchange -> exchange.path().contains(digest));
  }

  @Test
  void aStoreThatIsAwayIsWaitedForAndGivenUp() throws IOException {
    // Given
    push(model("config.json", "{}"));
    s3.stop();

    // Then
    assertThatThrownBy(() -> pull().pull(MODEL)).isInstanceOf(StorageUnavailableException.class);
    assertThat(waits).extracting(Duration::toSeconds).containsExactly(1L, 2L, 4L, 8L, 16L);
  }

  @Test
  void aBucketThatDoesNotExistIsNamed() {
    assertThatThrownBy(() -> pull().pull(StoredModel.parse("s3://no-such-bucket/csm-1b")))
        .isInstanceOf(BucketNotFoundException.class)
        .hasMessageContaining("there is no bucket \"no-such-bucket\"");
  }

  @Test
  void aChosenFolderMustBeAbsentOrEmptyOrHoldThisModel() throws IOException {
    // Given
    Map<String, Path> files = model("config.json", "{}", "voices/a.wav", "sound");
    push(files);
    ModelManifest manifest = pull().manifest(MODEL);
    Path absent = folder.resolve("absent");
    Path empty = Files.createDirectory(folder.resolve("empty"));
    Path other = Files.createDirectory(folder.resolve("other"));
    Files.writeString(other.resolve("mine"), "mine");

    // When
    pull().pull(MODEL, manifest, absent);
    pull().pull(MODEL, manifest, absent);
    pull().pull(MODEL, manifest, empty);

    // Then
    assertSame(files, absent);
    assertSame(files, empty);
    assertThatThrownBy(() -> pull().pull(MODEL, manifest, other))
        .isInstanceOf(ModelTransferException.class)
        .hasMessage(other + " exists and is not empty");
    assertThat(other.resolve("mine")).hasContent("mine");
    try (Stream<Path> left = Files.list(folder)) {
      assertThat(left.map(Path::getFileName).map(Path::toString))
          .containsExactlyInAnyOrder("source", "cache", "absent", "empty", "other");
    }
  }
}
