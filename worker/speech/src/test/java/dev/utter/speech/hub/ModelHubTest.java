package dev.utter.speech.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.utter.speech.hub.listing.FetchListener;
import dev.utter.speech.hub.listing.HubException;
import dev.utter.speech.hub.listing.HubFile;
import dev.utter.speech.hub.listing.HubListing;
import dev.utter.speech.hub.listing.HubReference;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelHubTest {

  private static final Optional<HubToken> TOKEN = HubToken.of("test", "hf_secret");

  @TempDir private Path folder;
  private HubRig rig;

  @BeforeEach
  void publish() {
    rig = new HubRig(folder.resolve("hub"));
  }

  @AfterEach
  void stop() {
    rig.close();
  }

  @Test
  void theCacheIsLaidOutAsTheHubsOwnProgramsDo() throws IOException {
    // When
    Path snapshot = rig.fetch();

    // Then
    assertThat(snapshot).isEqualTo(rig.model().resolve("snapshots").resolve(rig.commit));
    assertThat(rig.model().resolve("refs/main")).hasContent(rig.commit);
    assertThat(rig.weightsBlob()).isRegularFile().hasBinaryContent(rig.weights);
    assertThat(Files.readSymbolicLink(snapshot.resolve(HubRig.WEIGHTS)))
        .isEqualTo(Path.of("../../blobs", LocalHub.sha256(rig.weights)));
    assertThat(Files.readSymbolicLink(snapshot.resolve("config.json")))
        .isEqualTo(Path.of("../../blobs", LocalHub.gitName(rig.config)));
    assertThat(snapshot.resolve("prompts/read speech.txt")).hasContent("Hello.");
    assertThat(snapshot.resolve("empty.txt")).isEmptyFile();
    assertThat(leftovers()).isEmpty();
    assertThat(new HubCache(rig.cache).snapshot(HubRig.MODEL)).contains(snapshot);
  }

  private List<Path> leftovers() throws IOException {
    try (Stream<Path> files = Files.walk(rig.model())) {
      return files.filter(f -> f.toString().matches(".*\\.(incomplete|tmp)")).toList();
    }
  }

  @Test
  void theTokenGoesToTheHubAndNotToTheHostItRedirectsTo() {
    // When
    rig.fetch(rig.hub(TOKEN), FetchListener.SILENT);

    // Then
    assertThat(rig.ofTheStore()).isNotEmpty().allMatch(r -> r.authorization() == null);
    assertThat(rig.server.requests())
        .filteredOn(r -> r.host().equals("localhost"))
        .isNotEmpty()
        .allMatch(r -> r.authorization().equals("Bearer hf_secret"));
  }

  @Test
  void theTokenGoesAlongARedirectOnTheHubItself() {
    // Given
    rig.server.failNext("/api/models/sesame/csm-1b/revision", 307, "Location", "/api/models/moved");
    rig.server.next(
        "/api/models/moved",
        exchange ->
            LocalHub.send(exchange, ("{\"sha\": \"" + rig.commit + "\"}").getBytes("UTF-8")));

    // When
    rig.hub(TOKEN).list(HubRig.MODEL, FetchListener.SILENT);

    // Then
    assertThat(rig.server.requests()).allMatch(r -> "Bearer hf_secret".equals(r.authorization()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"file:///etc/passwd", "ftp://localhost/", "//", "http:", "jar:x!/", ""})
  void aRedirectLeadsToHttpOnly(String target) {
    // Given
    IntStream.range(0, 20).forEach(i -> rig.server.failNext("/api/", 302, "Location", target));

    // Then
    assertThatThrownBy(() -> rig.hub(TOKEN).list(HubRig.MODEL, FetchListener.SILENT))
        .isInstanceOf(HubException.class)
        .hasMessageContaining("redirects");
  }

  @Test
  void theTokenIsNotSentInClearText() {
    // Given
    HubSettings settings =
        new HubSettings(java.net.URI.create("http://192.0.2.1"), rig.cache, false);

    // Then
    assertThatThrownBy(() -> new ModelHub(settings, TOKEN))
        .hasMessageContaining("without TLS")
        .hasMessageNotContaining("hf_secret");
  }

  @Test
  void whatIsInTheCacheIsNotDownloadedAgain() {
    // Given
    rig.fetch();
    int before = rig.server.downloads().size();

    // When
    HubListing listing = rig.hub().list(HubRig.MODEL, FetchListener.SILENT);
    long missing = rig.hub().plan(listing, listing.files()).missingBytes();
    rig.fetch();

    // Then
    assertThat(missing).isZero();
    assertThat(rig.server.downloads()).hasSize(before);
  }

  @Test
  void aBlobThatAnotherProgramDownloadedIsUsed() throws IOException {
    // Given
    Files.createDirectories(rig.weightsBlob().getParent());
    Files.write(rig.weightsBlob(), rig.weights);

    // When
    Path snapshot = rig.fetch();

    // Then
    assertThat(rig.ofTheStore()).isEmpty();
    assertThat(snapshot.resolve(HubRig.WEIGHTS)).hasBinaryContent(rig.weights);
  }

  @Test
  void aBlobOfTheWrongSizeIsReplaced() throws IOException {
    // Given
    Files.createDirectories(rig.weightsBlob().getParent());
    Files.write(rig.weightsBlob(), new byte[10]);

    // When
    Path snapshot = rig.fetch();

    // Then
    assertThat(snapshot.resolve(HubRig.WEIGHTS)).hasBinaryContent(rig.weights);
  }

  @Test
  void aLinkToNothingIsReplaced() throws IOException {
    // Given
    Path link = rig.model().resolve("snapshots").resolve(rig.commit).resolve("config.json");
    Files.createDirectories(link.getParent());
    Files.createSymbolicLink(link, Path.of("../../blobs/lost"));

    // When
    rig.fetch();

    // Then
    assertThat(link).hasBinaryContent(rig.config);
  }

  @Test
  void aRevisionThatIsACommitNeedsNoRef() {
    // Given
    HubReference commit = HubReference.parse(HubRig.ID + "@" + rig.commit);

    // When
    HubListing listing = rig.hub().list(commit, FetchListener.SILENT);
    rig.hub().fetch(rig.hub().plan(listing, listing.files()), FetchListener.SILENT);
    rig.hub().remember(listing);

    // Then
    assertThat(rig.model().resolve("refs")).doesNotExist();
    assertThat(new HubCache(rig.cache).snapshot(commit)).isPresent();
    assertThat(new HubCache(rig.cache).snapshot(HubRig.MODEL)).isEmpty();
  }

  @Test
  void aRefThatIsNoCommitIsRefused() throws IOException {
    // Given
    rig.fetch();
    Files.writeString(rig.model().resolve("refs/main"), "../../..");

    // Then
    assertThat(new HubCache(rig.cache).snapshot(HubRig.MODEL)).isEmpty();
  }

  @Test
  void aLongListComesInPages() {
    // Given
    rig.server.pageSize(1);

    // When
    HubListing listing = rig.hub().list(HubRig.MODEL, FetchListener.SILENT);

    // Then
    assertThat(listing.paths())
        .containsExactly("config.json", "empty.txt", HubRig.WEIGHTS, "prompts/read speech.txt");
    assertThat(listing.file(HubRig.WEIGHTS).orElseThrow().size()).isEqualTo(rig.weights.length);
  }

  @Test
  void aListDoesNotContinueOnAnotherHost() {
    // Given
    rig.server.next(
        "/tree/",
        exchange -> {
          exchange.getResponseHeaders().add("Link", "<http://192.0.2.1/x>; rel=\"next\"");
          LocalHub.send(exchange, "[]".getBytes("UTF-8"));
        });

    // Then
    assertThatThrownBy(() -> rig.hub(TOKEN).list(HubRig.MODEL, FetchListener.SILENT))
        .hasMessageContaining("another host");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../evil",
        "a/../../evil",
        "/etc/passwd",
        "a//b",
        "a\\\\b",
        "C:x",
        "a/.",
        "",
        "\\n"
      })
  void aNameThatLeadsOutOfTheCacheIsRefused(String name) {
    // Given
    String oid = "0".repeat(40);
    String list =
        "[{\"type\": \"file\", \"path\": \"%s\", \"size\": 1, \"oid\": \"%s\"}]"
            .formatted(name, oid);
    rig.server.next("/tree/", exchange -> LocalHub.send(exchange, list.getBytes("UTF-8")));

    // Then
    assertThatThrownBy(() -> rig.hub().list(HubRig.MODEL, FetchListener.SILENT))
        .isInstanceOf(HubException.class)
        .hasMessageContaining("which is no name");
  }

  @ParameterizedTest
  @ValueSource(strings = {"../../../evil", "abc", ""})
  void anInvalidChecksumIsRefused(String etag) {
    assertThatThrownBy(() -> new HubFile("a", 1, etag)).hasMessageContaining("no checksum");
  }

  @Test
  void aCommitThatIsNoneIsRefused() {
    // Given
    rig.server.next(
        "/revision/",
        exchange -> LocalHub.send(exchange, "{\"sha\": \"../..\"}".getBytes("UTF-8")));

    // Then
    assertThatThrownBy(() -> rig.hub().list(HubRig.MODEL, FetchListener.SILENT))
        .hasMessageContaining("no commit");
  }

  @Test
  void anAnswerThatIsNotOfAHubIsExplained() {
    // Given
    rig.server.next("/revision/", exchange -> LocalHub.send(exchange, "<html>".getBytes("UTF-8")));

    // Then
    assertThatThrownBy(() -> rig.hub().list(HubRig.MODEL, FetchListener.SILENT))
        .hasMessageContaining("HF_ENDPOINT may be wrong");
  }

  @Test
  void nothingIsDownloadedToADiskThatIsTooSmall() {
    // Given
    rig.freeBytes = 64L << 20;

    // Then
    assertThatThrownBy(() -> rig.fetch())
        .hasMessageContaining(rig.cache + " has 67 MB free, but the download needs 67 MB");
    assertThat(rig.server.downloads()).isEmpty();
  }

  @Test
  void nothingIsAskedWhileOffline() {
    // Given
    ModelHub offline =
        new ModelHub(new HubSettings(rig.server.endpoint(), rig.cache, true), Optional.empty());

    // Then
    assertThatThrownBy(() -> offline.list(HubRig.MODEL, FetchListener.SILENT))
        .hasMessageContaining("HF_HUB_OFFLINE");
    assertThat(rig.server.requests()).isEmpty();
  }

  @Test
  void threadsThatDownloadTheSameModelDownloadItOnce() throws Exception {
    // Given
    ExecutorService threads = Executors.newFixedThreadPool(4);

    // When
    List<Future<Path>> folders = new ArrayList<>();
    IntStream.range(0, 4).forEach(i -> folders.add(threads.submit(() -> rig.fetch())));

    // Then
    for (Future<Path> fetched : folders) {
      assertThat(fetched.get().resolve(HubRig.WEIGHTS)).hasBinaryContent(rig.weights);
    }
    assertThat(rig.ofTheStore()).hasSize(1);
    threads.shutdown();
  }

  @Test
  void anotherProcessIsWaitedFor() throws Exception {
    // Given: another process that is in the middle of the weights
    CountDownLatch waiting = new CountDownLatch(1);
    CountDownLatch begun = new CountDownLatch(1);
    rig.server.next(
        LocalHub.sha256(rig.weights),
        exchange -> {
          exchange.sendResponseHeaders(200, rig.weights.length);
          exchange.getResponseBody().write(rig.weights, 0, 1000);
          exchange.getResponseBody().flush();
          begun.countDown();
          await(waiting);
          exchange.getResponseBody().write(rig.weights, 1000, rig.weights.length - 1000);
        });
    Process other = otherProcess();
    begun.await();

    // When
    Path snapshot =
        rig.fetch(
            rig.hub(),
            new FetchListener() {
              @Override
              public void waits(HubFile file) {
                waiting.countDown();
              }
            });

    // Then
    assertThat(other.waitFor()).isZero();
    assertThat(snapshot.resolve(HubRig.WEIGHTS)).hasBinaryContent(rig.weights);
    assertThat(rig.ofTheStore()).hasSize(1);
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Process otherProcess() throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path").replace(":", File.pathSeparator),
            OtherProcess.class.getName(),
            rig.server.endpoint().toString(),
            rig.cache.toString())
        .inheritIO()
        .start();
  }

  /** Downloads the model in a separate process. */
  static final class OtherProcess {
    private OtherProcess() {}

    public static void main(String[] arguments) {
      ModelHub hub =
          new ModelHub(
              new HubSettings(java.net.URI.create(arguments[0]), Path.of(arguments[1]), false),
              Optional.empty());
      HubListing listing = hub.list(HubRig.MODEL, FetchListener.SILENT);
      hub.fetch(hub.plan(listing, listing.files()), FetchListener.SILENT);
    }
  }

  @Test
  void interruptedItEnds() throws Exception {
    // Given: a server that is busy for long
    IntStream.range(0, 10).forEach(i -> rig.server.failNext("/api/", 503));
    ModelHub hub =
        new ModelHub(new HubSettings(rig.server.endpoint(), rig.cache, false), Optional.empty());
    ExecutorService thread = Executors.newSingleThreadExecutor();
    CountDownLatch retrying = new CountDownLatch(1);
    Future<?> listing =
        thread.submit(
            () ->
                hub.list(
                    HubRig.MODEL,
                    new FetchListener() {
                      @Override
                      public void retries(String reason, java.time.Duration wait) {
                        retrying.countDown();
                      }
                    }));
    retrying.await();

    // When
    thread.shutdownNow();

    // Then
    assertThatThrownBy(listing::get)
        .isInstanceOf(ExecutionException.class)
        .hasMessageContaining("interrupted");
  }
}
