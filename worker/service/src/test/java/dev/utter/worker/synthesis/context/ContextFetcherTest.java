package dev.utter.worker.synthesis.context;

import static dev.utter.speech.audio.AudioNote.Kind.SILENCE;
import static dev.utter.worker.storage.CannedServer.answer;
import static dev.utter.worker.storage.CannedServer.error;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import dev.utter.events.ContextNote;
import dev.utter.events.ContextNoteKind;
import dev.utter.events.ContextUtterance;
import dev.utter.events.FailureCode;
import dev.utter.events.ObjectReference;
import dev.utter.events.SynthesisRequested;
import dev.utter.speech.AudioCodes;
import dev.utter.speech.audio.AudioClip;
import dev.utter.speech.audio.AudioLimits;
import dev.utter.speech.audio.AudioNote;
import dev.utter.speech.audio.FileFormat;
import dev.utter.speech.audio.encode.AudioEncoder;
import dev.utter.speech.digest.Sha256;
import dev.utter.worker.failure.RequestFailedException;
import dev.utter.worker.failure.RetryLaterException;
import dev.utter.worker.storage.CannedServer;
import dev.utter.worker.storage.ObjectStore;
import dev.utter.worker.storage.failure.ObjectTooLargeException;
import dev.utter.worker.synthesis.TestingSpeechModel;
import dev.utter.worker.synthesis.WorkerParts;
import java.io.IOException;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

final class ContextFetcherTest {
  private static final byte[] RECORDING =
      new AudioEncoder(AudioLimits.DEFAULT)
          .encode(new AudioClip(new float[24_000], 24_000), FileFormat.WAV_PCM16);

  /** 20 s, 960,044 bytes. */
  private static final byte[] LONG_RECORDING =
      new AudioEncoder(AudioLimits.DEFAULT)
          .encode(new AudioClip(new float[480_000], 24_000), FileFormat.WAV_PCM16);

  private static final String UNUSABLE =
      "context[0].audio cannot be used: it must be an object that the worker may read, of 1000000"
          + " bytes at most, that holds a recording of a known format; the worker's log has the"
          + " reason";

  private final List<String> methods = new CopyOnWriteArrayList<>();
  private final CodesCache codes = new CodesCache(1 << 20, new CodesListener() {});

  @Test
  void codesAreKeptUnderTheTagOfTheBytesTheyWereMadeFrom() throws Exception {
    // Given: the recording is replaced between HEAD and GET, and put back afterwards
    HttpHandler replaced =
        exchange -> {
          boolean firstRead = exchange.getRequestMethod().equals("GET") && !methods.contains("GET");
          give(exchange, firstRead ? "b" : "a");
        };
    try (CannedServer server = new CannedServer(replaced);
        ObjectStore store = server.store()) {
      ContextFetcher fetcher = fetcher(store);

      // When
      ContextAudio.Decoded first = (ContextAudio.Decoded) fetcher.fetch(request("x.wav")).get(0);
      codes.put(first.key(), encoded(4 * first.frames()));

      // Then
      assertThat(first.key()).isEqualTo(new CodesCache.Key("bucket", "x.wav", "b"));
      assertThat(fetcher.fetch(request("x.wav")).get(0)).isInstanceOf(ContextAudio.Decoded.class);
    }
  }

  @Test
  void knownCodesAreNotFetchedAgain() throws Exception {
    try (CannedServer server = new CannedServer(exchange -> give(exchange, "a"));
        ObjectStore store = server.store()) {
      // Given
      codes.put(new CodesCache.Key("bucket", "x.wav", "a"), encoded(8));

      // When
      List<ContextAudio> context = fetcher(store).fetch(request("x.wav"));

      // Then
      assertThat(context).singleElement().isInstanceOf(ContextAudio.Encoded.class);
      assertThat(methods).containsExactly("HEAD");
    }
  }

  @Test
  void anObjectThatARequestNamesTwiceIsFetchedOnce() throws Exception {
    try (CannedServer server = new CannedServer(exchange -> give(exchange, "a"));
        ObjectStore store = server.store()) {
      // When
      List<ContextAudio> context = fetcher(store).fetch(request("x.wav", "y.wav", "x.wav"));

      // Then
      assertThat(context).hasSize(3);
      assertThat(context.get(2)).isSameAs(context.get(0)).isNotSameAs(context.get(1));
      assertThat(methods).containsExactly("HEAD", "HEAD", "GET", "GET");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "403, InvalidObjectState,   application/xml, CONTEXT_UNREADABLE",
    "403, InvalidObjectState,   text/xml,        CONTEXT_UNREADABLE",
    "400, KMS.DisabledException, application/xml, CONTEXT_UNREADABLE",
    "403, AllAccessDisabled,    application/xml, CONTEXT_UNREADABLE",
    "301, PermanentRedirect,    application/xml, CONTEXT_UNREADABLE",
    "404, NoSuchKey,            text/xml,        CONTEXT_NOT_FOUND",
    "404, NoSuchBucket,         application/xml, CONTEXT_NOT_FOUND"
  })
  void whatTheStoreRefusesEndsTheRequestWithTheCodeOfTheStore(
      int status, String code, String mediaType, FailureCode failure) throws Exception {
    // Given
    HttpHandler refusing =
        exchange -> {
          if (exchange.getRequestMethod().equals("HEAD")) {
            give(exchange, "a");
          } else {
            answer(exchange, status, mediaType, error(code));
          }
        };
    try (CannedServer server = new CannedServer(refusing);
        ObjectStore store = server.store()) {
      // Then
      assertThatThrownBy(() -> fetcher(store).fetch(request("x.wav")))
          .isInstanceOfSatisfying(
              RequestFailedException.class,
              e -> {
                assertThat(e.code()).isEqualTo(failure);
                assertThat(e.field()).contains("context[0].audio");
                assertThat(e).hasMessage(UNUSABLE);
                assertThat(e.getCause()).hasMessageNotContaining(UNUSABLE);
              });
    }
  }

  static Stream<Arguments> unusable() {
    return Stream.of(
        Arguments.of("a private key", "-----BEGIN PRIVATE KEY-----".getBytes(UTF_8)),
        Arguments.of("a document", "%PDF-1.7 salaries".getBytes(UTF_8)),
        Arguments.of("bytes that begin like audio", "RIFF\0\0\0\0WAVEpass word".getBytes(UTF_8)),
        Arguments.of("nothing", new byte[0]),
        Arguments.of("far too much", new byte[1_000_001]));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("unusable")
  void everythingThatIsNoRecordingIsRefusedInOneSentence(String what, byte[] bytes)
      throws Exception {
    try (CannedServer server = new CannedServer(exchange -> give(exchange, "a", bytes));
        ObjectStore store = server.store()) {
      assertThatThrownBy(() -> fetcher(store).fetch(request("x.wav")))
          .isInstanceOfSatisfying(
              RequestFailedException.class,
              e -> assertThat(e.code()).isEqualTo(FailureCode.CONTEXT_UNREADABLE))
          .hasMessage(UNUSABLE);
    }
  }

  @Test
  void objectsThatAreTogetherTooLargeAreNotDownloaded() throws Exception {
    // Given
    try (CannedServer server =
            new CannedServer(exchange -> give(exchange, "a", new byte[600_000]));
        ObjectStore store = server.store()) {
      // Then
      assertThatThrownBy(() -> fetcher(store).fetch(request("x.wav", "y.wav", "x.wav", "z.wav")))
          .isInstanceOfSatisfying(
              RequestFailedException.class,
              e -> {
                assertThat(e.code()).isEqualTo(FailureCode.CONTEXT_TOO_LONG);
                assertThat(e.field()).contains("context");
              })
          .hasMessage(
              "the objects of the context up to and with context[3].audio have more than 1500000"
                  + " bytes in all");
      assertThat(methods).containsExactly("HEAD", "HEAD", "HEAD");
    }
  }

  @Test
  void objectsThatGrewSinceTheyWereMeasuredStayWithinTheSum() throws Exception {
    // Given
    HttpHandler growing =
        exchange ->
            give(
                exchange,
                "a",
                exchange.getRequestMethod().equals("HEAD") ? RECORDING : LONG_RECORDING);
    try (CannedServer server = new CannedServer(growing);
        ObjectStore store = server.store()) {
      // Then
      assertThatThrownBy(() -> fetcher(store).fetch(request("x.wav", "y.wav")))
          .isInstanceOfSatisfying(
              RequestFailedException.class, e -> assertThat(e.field()).contains("context[1].audio"))
          .hasCauseInstanceOf(ObjectTooLargeException.class);
    }
  }

  @Test
  void aDamagedRecordingIsUsedOnlyWhereThatIsWanted() throws Exception {
    // Given
    byte[] cut = Arrays.copyOf(RECORDING, 44 + 24_000);
    try (CannedServer server = new CannedServer(exchange -> give(exchange, "a", cut));
        ObjectStore store = server.store()) {
      SynthesisRequested strict = request("x.wav");
      SynthesisRequested tolerant =
          SynthesisRequested.newBuilder(strict).setTolerateDamagedContext(true).build();

      // When
      ContextAudio.Decoded used = (ContextAudio.Decoded) fetcher(store).fetch(tolerant).get(0);
      codes.put(used.key(), new ContextAudio.Encoded(new AudioCodes(4, new int[28]), used.notes()));

      // Then
      assertThat(used.clip().length()).isEqualTo(12_000);
      assertThat(ContextNotes.of(List.of(used)))
          .extracting(ContextNote::getKind)
          .containsExactly(ContextNoteKind.SILENCE, ContextNoteKind.DAMAGED);
      assertThat(fetcher(store).fetch(tolerant).get(0)).isInstanceOf(ContextAudio.Encoded.class);
      assertThatThrownBy(() -> fetcher(store).fetch(strict))
          .isInstanceOfSatisfying(
              RequestFailedException.class,
              e -> assertThat(e.code()).isEqualTo(FailureCode.CONTEXT_UNREADABLE))
          .hasMessageContaining("is cut off at 0.500 s: 0.500 s can be decoded, 50 %");
    }
  }

  @Test
  void aRecordingThatCannotBeOfItsTextIsNotedForThatText() throws Exception {
    // Given
    try (CannedServer server = new CannedServer(exchange -> give(exchange, "a"));
        ObjectStore store = server.store()) {
      String longText = "This is far more than fits into a second. ".repeat(3);
      ObjectReference audio = new ObjectReference("bucket", "x.wav", null);
      SynthesisRequested request =
          SynthesisRequested.newBuilder(request("x.wav"))
              .setContext(
                  List.of(
                      new ContextUtterance(0, "Hello.", audio),
                      new ContextUtterance(0, longText, audio)))
              .build();

      // When
      List<ContextAudio> context = fetcher(store).fetch(request);

      // Then
      assertThat(ContextNotes.of(context))
          .extracting(ContextNote::getContext, ContextNote::getKind)
          .containsExactly(
              tuple(0, ContextNoteKind.SILENCE),
              tuple(1, ContextNoteKind.SILENCE),
              tuple(1, ContextNoteKind.LENGTH_UNLIKELY));
    }
  }

  @Test
  void aContextOfExactlyTheModelsPositionsFitsAndAFrameMoreDoesNot() throws Exception {
    try (CannedServer server = new CannedServer(exchange -> give(exchange, "a"));
        ObjectStore store = server.store()) {
      // Given: 499 frames of two recordings, to which one of one frame or of two is added
      codes.put(new CodesCache.Key("bucket", "x.wav", "a"), encoded(4 * 400));
      codes.put(new CodesCache.Key("bucket", "y.wav", "a"), encoded(4 * 99));
      codes.put(new CodesCache.Key("bucket", "one.wav", "a"), encoded(4));
      codes.put(new CodesCache.Key("bucket", "two.wav", "a"), encoded(8));

      // Then
      assertThat(fetcher(store).fetch(request("x.wav", "y.wav", "one.wav"))).hasSize(3);
      assertThatThrownBy(() -> fetcher(store).fetch(request("x.wav", "y.wav", "two.wav")))
          .isInstanceOfSatisfying(
              RequestFailedException.class,
              e -> {
                assertThat(e.code()).isEqualTo(FailureCode.CONTEXT_TOO_LONG);
                assertThat(e.field()).contains("context[2].audio");
              })
          .hasMessage(
              "the context up to and with context[2].audio has 501 frames, the model has 500"
                  + " positions; cut 1 frames (0.1 s)");
    }
  }

  @Test
  void aRecordingThatEndsWithinAFrameFillsIt() throws Exception {
    try (CannedServer server = new CannedServer(exchange -> give(exchange, "a"));
        ObjectStore store = server.store()) {
      // When: a second of 12.5 frames
      ContextAudio second = fetcher(store).fetch(request("x.wav")).get(0);

      // Then
      assertThat(second.frames()).isEqualTo(13);
      assertThat(second.notes()).extracting(AudioNote::kind).containsExactly(SILENCE);
    }
  }

  @Test
  void anObjectWithoutATagIsKnownByItsContent() throws Exception {
    // Given
    HttpHandler untagged =
        exchange -> {
          give(exchange, exchange.getRequestMethod().equals("HEAD") ? "a" : "");
        };
    try (CannedServer server = new CannedServer(untagged);
        ObjectStore store = server.store()) {
      // When
      ContextAudio.Decoded audio =
          (ContextAudio.Decoded) fetcher(store).fetch(request("x.wav")).get(0);

      // Then
      assertThat(audio.key().etag()).isEqualTo(Sha256.hex(RECORDING));
    }
  }

  @Test
  void objectsOfExactlyTheLimitsAreRead() throws Exception {
    // Given
    try (CannedServer server = new CannedServer(exchange -> give(exchange, "a"));
        ObjectStore store = server.store()) {
      ContextFetcher fetcher =
          new ContextFetcher(
              store,
              WorkerParts::decode,
              codes,
              TestingSpeechModel.DESCRIPTION,
              new ContextFetcher.Limits(RECORDING.length, 2L * RECORDING.length));

      // Then
      assertThat(fetcher.fetch(request("x.wav", "y.wav"))).hasSize(2);
    }
  }

  @Test
  void aStoreThatIsBusyIsAskedLater() throws Exception {
    try (CannedServer server =
            new CannedServer(
                exchange -> answer(exchange, 503, "application/xml", error("SlowDown")));
        ObjectStore store = server.store()) {
      assertThatThrownBy(() -> fetcher(store).fetch(request("x.wav")))
          .isInstanceOf(RetryLaterException.class);
    }
  }

  private void give(HttpExchange exchange, String etag) throws IOException {
    give(exchange, etag, RECORDING);
  }

  private void give(HttpExchange exchange, String etag, byte[] recording) throws IOException {
    methods.add(exchange.getRequestMethod());
    exchange.getResponseHeaders().set("ETag", "\"" + etag + "\"");
    exchange.getResponseHeaders().set("Last-Modified", "Mon, 23 Nov 2026 00:00:00 GMT");
    exchange.getResponseHeaders().set("Content-Type", "audio/wav");
    if (exchange.getRequestMethod().equals("HEAD")) {
      exchange.getResponseHeaders().set("Content-Length", String.valueOf(recording.length));
      exchange.sendResponseHeaders(200, -1);
    } else {
      exchange.sendResponseHeaders(200, recording.length);
      exchange.getResponseBody().write(recording);
    }
    exchange.close();
  }

  private ContextFetcher fetcher(ObjectStore store) {
    return new ContextFetcher(
        store,
        WorkerParts::decode,
        codes,
        TestingSpeechModel.DESCRIPTION,
        new ContextFetcher.Limits(1_000_000, 1_500_000));
  }

  private static ContextAudio.Encoded encoded(int values) {
    return new ContextAudio.Encoded(new AudioCodes(4, new int[values]), List.of());
  }

  private static SynthesisRequested request(String... keys) {
    List<ContextUtterance> context =
        Stream.of(keys)
            .map(key -> new ContextUtterance(0, "Hello.", new ObjectReference("bucket", key, null)))
            .toList();
    return SynthesisRequested.newBuilder()
        .setRequestId("a")
        .setText("Hello.")
        .setSpeaker(0)
        .setContext(context)
        .setAttributes(Map.of())
        .setRequestedAt(Instant.EPOCH)
        .build();
  }
}
