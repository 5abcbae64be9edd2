package dev.utter.speech.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.utter.speech.hub.listing.FetchListener;
import dev.utter.speech.hub.listing.HubFile;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Transfers with failures. */
class TransferTest {

  @TempDir private Path folder;
  private HubRig rig;
  private String blob;

  @BeforeEach
  void publish() {
    rig = new HubRig(folder);
    blob = LocalHub.sha256(rig.weights);
  }

  @AfterEach
  void stop() {
    rig.close();
  }

  @Test
  void aCutBodyIsContinued() {
    // Given
    rig.server.cutNext(blob, rig.weights, 100_000);

    // When
    Path snapshot = rig.fetch();

    // Then
    assertThat(snapshot.resolve(HubRig.WEIGHTS)).hasBinaryContent(rig.weights);
    assertThat(rig.ofTheStore()).hasSize(2);
    assertThat(rig.ofTheStore().get(1).range()).matches("bytes=[1-9]\\d*-");
    assertThat(rig.waits).containsExactly(Duration.ofSeconds(1));
  }

  @Test
  void whatAnEarlierProcessLeftIsContinued() {
    // Given
    rig.leave(Arrays.copyOf(rig.weights, 200_000));

    // When
    Path snapshot = rig.fetch();

    // Then
    assertThat(snapshot.resolve(HubRig.WEIGHTS)).hasBinaryContent(rig.weights);
    assertThat(rig.ofTheStore()).singleElement().matches(r -> r.range().equals("bytes=200000-"));
  }

  @Test
  void whatAnEarlierProcessCompletedIsOnlyChecked() {
    // Given
    rig.leave(rig.weights);

    // When
    Path snapshot = rig.fetch();

    // Then
    assertThat(snapshot.resolve(HubRig.WEIGHTS)).hasBinaryContent(rig.weights);
    assertThat(rig.ofTheStore()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 299_999, 300_000, 300_001})
  void aWrongRestOfAnEarlierProcessIsDownloadedAgain(int bytes) {
    // Given
    rig.leave(new byte[bytes]);

    // When
    Path snapshot = rig.fetch();

    // Then
    assertThat(snapshot.resolve(HubRig.WEIGHTS)).hasBinaryContent(rig.weights);
  }

  @Test
  void aServerWithoutRangesStartsAgain() {
    // Given
    rig.leave(Arrays.copyOf(rig.weights, 200_000));
    rig.server.next(
        blob,
        exchange -> {
          exchange.sendResponseHeaders(200, rig.weights.length);
          exchange.getResponseBody().write(rig.weights);
        });

    // When
    Path snapshot = rig.fetch();

    // Then
    assertThat(snapshot.resolve(HubRig.WEIGHTS)).hasBinaryContent(rig.weights);
    assertThat(rig.ofTheStore()).hasSize(1);
  }

  @Test
  void aServerWithoutRangesThatBreaksOffAgainAndAgainIsGivenUp() {
    // Given
    IntStream.range(0, 20).forEach(i -> rig.server.cutNext(blob, rig.weights, 100_000));

    // Then
    assertThatThrownBy(() -> rig.fetch()).hasMessageContaining("given up after 6 attempts");
    assertThat(rig.ofTheStore()).hasSizeLessThan(15);
  }

  @Test
  void anotherRangeThanAskedForIsNotUsed() {
    // Given
    rig.leave(Arrays.copyOf(rig.weights, 200_000));
    rig.server.next(
        blob,
        exchange -> {
          exchange.getResponseHeaders().add("Content-Range", "bytes 5-300000/300000");
          exchange.sendResponseHeaders(206, 100_000);
          exchange.getResponseBody().write(rig.weights, 5, 100_000);
        });

    // When
    Path snapshot = rig.fetch();

    // Then
    assertThat(snapshot.resolve(HubRig.WEIGHTS)).hasBinaryContent(rig.weights);
  }

  @Test
  void aRangeThatTheServerDoesNotHaveStartsAgain() {
    // Given
    rig.leave(Arrays.copyOf(rig.weights, 200_000));
    rig.server.failNext(blob, 416);

    // When
    Path snapshot = rig.fetch();

    // Then
    assertThat(snapshot.resolve(HubRig.WEIGHTS)).hasBinaryContent(rig.weights);
  }

  @Test
  void aServerThatStopsSendingIsAbandoned() {
    // Given
    rig.timeout = Duration.ofSeconds(1);
    CountDownLatch never = new CountDownLatch(1);
    rig.server.next(
        blob,
        exchange -> {
          exchange.sendResponseHeaders(200, rig.weights.length);
          exchange.getResponseBody().write(rig.weights, 0, 1000);
          exchange.getResponseBody().flush();
          awaitQuietly(never);
        });

    // When
    Path snapshot = rig.fetch();

    // Then
    assertThat(snapshot.resolve(HubRig.WEIGHTS)).hasBinaryContent(rig.weights);
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {HubRig.WEIGHTS, "config.json"})
  void anotherContentThanListedDoesNotEnterTheCache(String file) {
    // Given
    byte[] right = file.equals(HubRig.WEIGHTS) ? rig.weights : rig.config;
    byte[] other = right.clone();
    other[0]++;
    rig.server.next(
        file.equals(HubRig.WEIGHTS) ? blob : "/resolve/" + rig.commit + "/config.json",
        exchange -> LocalHub.send(exchange, other));

    // Then
    assertThatThrownBy(() -> rig.fetch()).hasMessageContaining("the checksum of " + file);
    assertThat(rig.model().resolve("snapshots").resolve(rig.commit).resolve(file)).doesNotExist();
    assertThat(rig.partialWeights()).doesNotExist();
    assertThat(rig.model().resolve("refs")).doesNotExist();
  }

  @Test
  void moreThanListedIsRefused() {
    // Given: a body without end
    rig.server.next(
        blob,
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          try {
            while (true) {
              exchange.getResponseBody().write(rig.weights);
            }
          } catch (IOException e) {
            // The client left.
          }
        });

    // Then
    assertThatThrownBy(() -> rig.fetch())
        .hasMessageContaining("more for model.safetensors than the 300000 bytes");
  }

  @ParameterizedTest
  @CsvSource({"X-Linked-Etag, checksum", "X-Linked-Size, size", "X-Repo-Commit, commit"})
  void aHubThatContradictsItsListIsRefused(String header, String what) {
    // Given
    rig.server.failNext(
        "/resolve/" + rig.commit + "/" + HubRig.WEIGHTS,
        302,
        header,
        "7",
        "Location",
        rig.server.store() + "/" + blob);

    // Then
    assertThatThrownBy(() -> rig.fetch()).hasMessageContaining("the hub lists the " + what);
  }

  @ParameterizedTest
  @CsvSource({
    "429, Retry-After, 7, 7",
    "429, RateLimit, '\"api\";r=0;t=13', 13",
    "503, Retry-After, 'Sun, 29 Nov 2026 12:00:30 GMT', 30",
    "503, Retry-After, 'Sun, 29 Nov 2026 11:00:00 GMT', 0",
    "503, Retry-After, soon, 1",
    "500, X-Other, 1, 1",
    "502, X-Other, 1, 1",
    "504, X-Other, 1, 1"
  })
  void aBusyServerIsAskedAgainWhenItSays(int status, String header, String value, int seconds) {
    // Given
    rig.server.failNext("/revision/", status, header, value);

    // When
    rig.fetch();

    // Then
    assertThat(rig.waits).containsExactly(Duration.ofSeconds(seconds));
  }

  @Test
  void aServerThatAsksForTooLongAWaitIsNotWaitedFor() {
    // Given
    rig.server.failNext("/revision/", 429, "Retry-After", "3600");

    // Then
    assertThatThrownBy(() -> rig.fetch()).hasMessageContaining("asks to wait 3600 s");
    assertThat(rig.waits).isEmpty();
  }

  @Test
  void aServerThatStaysBusyIsGivenUp() {
    // Given
    IntStream.range(0, 10).forEach(i -> rig.server.failNext("/revision/", 500));

    // Then
    assertThatThrownBy(() -> rig.fetch()).hasMessageContaining("given up after 6 attempts");
    assertThat(rig.waits)
        .containsExactly(
            Duration.ofSeconds(1),
            Duration.ofSeconds(2),
            Duration.ofSeconds(4),
            Duration.ofSeconds(8),
            Duration.ofSeconds(16));
  }

  @Test
  void aLinkThatTheStoreNoLongerKnowsIsAskedForAgain() {
    // Given
    rig.server.failNext(blob, 403);

    // When
    Path snapshot = rig.fetch();

    // Then
    assertThat(snapshot.resolve(HubRig.WEIGHTS)).hasBinaryContent(rig.weights);
  }

  @Test
  void aMessageDoesNotShowTheSignatureOfALink() {
    // Given
    IntStream.range(0, 10).forEach(i -> rig.server.failNext(blob, 500));

    // Then
    assertThatThrownBy(() -> rig.fetch())
        .hasMessageContaining(blob)
        .hasMessageNotContaining("signature");
  }

  @Test
  void aServerThatIsAwayIsNamed() {
    // Given
    ModelHub hub = rig.hub(Optional.empty());
    rig.server.close();

    // Then
    assertThatThrownBy(() -> hub.list(HubRig.MODEL, FetchListener.SILENT))
        .hasMessageContaining("no answer from " + rig.server.endpoint());
  }

  @Test
  void bytesAreCountedOnceDespiteFailures() {
    // Given
    rig.leave(new byte[5]);
    rig.server.cutNext(blob, rig.weights, 100_000);
    AtomicLong bytes = new AtomicLong();

    // When
    rig.fetch(
        rig.hub(),
        new FetchListener() {
          @Override
          public void begins(HubFile file, long from) {
            bytes.addAndGet(from);
          }

          @Override
          public void received(long count) {
            bytes.addAndGet(count);
          }
        });

    // Then
    assertThat(bytes).hasValue(rig.weights.length + rig.config.length + "Hello.".length());
  }
}
