package dev.utter.worker.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.utter.events.ContextNote;
import dev.utter.events.ContextNoteKind;
import dev.utter.events.ContextUtterance;
import dev.utter.events.DeadLetterHeaders;
import dev.utter.events.FailureCode;
import dev.utter.events.GenerationOptions;
import dev.utter.events.ObjectReference;
import dev.utter.events.OutputLocation;
import dev.utter.events.SynthesisFailed;
import dev.utter.events.SynthesisRequested;
import dev.utter.events.Verdict;
import dev.utter.worker.rules.RequestIds;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each request of any content gets a clear answer, and the next valid request is spoken. */
@Tag("integration")
class BadInputTest {

  @TempDir private static Path stateFolder;
  private static WorkerRig rig;

  @BeforeAll
  static void start() {
    rig = new WorkerRig(stateFolder);
    rig.upload("good.wav", AudioFiles.utterance());
    rig.upload("empty.wav", new byte[0]);
    rig.upload("text.wav", "Dear reader, this is a letter.".getBytes(StandardCharsets.UTF_8));
    rig.upload("huge.wav", AudioFiles.claimsOneGigabyte());
    rig.upload("streamed.wav", AudioFiles.streamed());
    rig.upload("one-sample.wav", AudioFiles.oneSample());
    rig.upload("stereo.wav", AudioFiles.stereoAt96Kilohertz());
    rig.upload("nan.wav", AudioFiles.notANumber());
    rig.upload("cancelling.wav", AudioFiles.channelsThatCancel());
    rig.upload("cut.wav", AudioFiles.cut());
  }

  @AfterAll
  static void stop() {
    rig.close();
  }

  @AfterEach
  void theNextGoodRequestIsSpoken() {
    SynthesisRequested good = rig.request().build();
    rig.publish(good);
    assertThat(rig.clipOf(good.getRequestId()).getFrames()).isPositive();
    assertThat(rig.worker.isReady()).isTrue();
  }

  static Stream<Arguments> refusedRequests() {
    return Stream.of(
        refused("empty text", "text", r -> r.setText("")),
        refused("100,000 characters", "text", r -> r.setText("x".repeat(100_000))),
        refused("speaker -1", "speaker", r -> r.setSpeaker(-1)),
        refused(
            "33 context segments",
            "context",
            r -> r.setContext(Collections.nCopies(33, context(WorkerRig.VOICES, "good.wav")))),
        refused("temperature 0", "options.temperature", options(o -> o.setTemperature(0))),
        refused("temperature -1", "options.temperature", options(o -> o.setTemperature(-1))),
        refused(
            "temperature NaN", "options.temperature", options(o -> o.setTemperature(Float.NaN))),
        refused("top-k 0", "options.topK", options(o -> o.setTopK(0))),
        refused("top-k above admission's limit", "options.topK", options(o -> o.setTopK(5_000))),
        refused("top-k above the vocabulary", "options.topK", options(o -> o.setTopK(2_048))),
        refused(
            "output bucket not allowed",
            "output.bucket",
            r -> r.setOutput(new OutputLocation("somebody-elses", null))),
        refused(
            "output prefix not allowed",
            "output.prefix",
            r -> r.setOutput(new OutputLocation(null, "context"))),
        refused(
            "context from a bucket that is not allowed",
            "context[0].audio.bucket",
            r -> r.setContext(List.of(context("somebody-elses", "good.wav")))),
        refused(
            "another's clip as context",
            "context[0].audio.key",
            r -> r.setContext(List.of(context(WorkerRig.BUCKET, "clips/order-1.wav")))));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("refusedRequests")
  void isRefusedByName(
      String what, String field, UnaryOperator<SynthesisRequested.Builder> change) {
    // Given
    SynthesisRequested request = change.apply(rig.request()).build();

    // When
    rig.publish(request);

    // Then
    SynthesisFailed failure = rig.failureOf(request.getRequestId());
    assertThat(failure.getCode()).isEqualTo(FailureCode.INVALID_REQUEST);
    assertThat(failure.getField()).isEqualTo(field);
    assertThat(failure.getMessage()).isNotBlank().hasSizeLessThan(500);
  }

  @Test
  void unpairedSurrogatesAreRefused() {
    // Given
    SynthesisRequested request = rig.request().setText("Good ### morning.").build();
    byte[] value = rig.bytes(request);
    replace(value, "###", new byte[] {(byte) 0xed, (byte) 0xa0, (byte) 0xbd});

    // When
    rig.publish(request.getRequestId(), value);

    // Then
    SynthesisFailed failure = rig.failureOf(request.getRequestId());
    assertThat(failure.getCode()).isEqualTo(FailureCode.INVALID_REQUEST);
    assertThat(failure.getField()).isEqualTo("text");
    assertThat(failure.getMessage()).contains("U+FFFD");
  }

  @Test
  void aDeadlineInThePastIsNamed() {
    // Given
    SynthesisRequested request = rig.request().setDeadline(Instant.now().minusSeconds(1)).build();

    // When
    rig.publish(request);

    // Then
    assertThat(rig.failureOf(request.getRequestId()).getCode())
        .isEqualTo(FailureCode.DEADLINE_EXCEEDED);
  }

  static Stream<Arguments> unusableContext() {
    return Stream.of(
        Arguments.of("missing bucket", "no-such-bucket", "good.wav", FailureCode.CONTEXT_NOT_FOUND),
        Arguments.of("missing key", WorkerRig.VOICES, "no.wav", FailureCode.CONTEXT_NOT_FOUND),
        Arguments.of("zero bytes", WorkerRig.VOICES, "empty.wav", FailureCode.CONTEXT_UNREADABLE),
        Arguments.of("text", WorkerRig.VOICES, "text.wav", FailureCode.CONTEXT_UNREADABLE),
        Arguments.of("1 GB header", WorkerRig.VOICES, "huge.wav", FailureCode.CONTEXT_UNREADABLE),
        Arguments.of("cut off", WorkerRig.VOICES, "cut.wav", FailureCode.CONTEXT_UNREADABLE),
        Arguments.of("NaN samples", WorkerRig.VOICES, "nan.wav", FailureCode.CONTEXT_UNREADABLE));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("unusableContext")
  void unusableContextIsNamed(String what, String bucket, String key, FailureCode code) {
    // Given
    SynthesisRequested request =
        rig.request()
            .setContext(List.of(context(WorkerRig.VOICES, "good.wav"), context(bucket, key)))
            .build();

    // When
    rig.publish(request);

    // Then
    SynthesisFailed failure = rig.failureOf(request.getRequestId());
    assertThat(failure.getCode()).isEqualTo(code);
    assertThat(failure.getField()).startsWith("context[1]");
  }

  static Stream<String> usableContext() {
    return Stream.of("stereo.wav", "one-sample.wav", "streamed.wav", "good.wav");
  }

  @ParameterizedTest
  @MethodSource("usableContext")
  void unusualContextIsSpokenWithAndItsClipVerified(String key) {
    // Given
    SynthesisRequested request =
        rig.request().setContext(List.of(context(WorkerRig.VOICES, key))).build();

    // When
    rig.publish(request);

    // Then
    assertThat(rig.clipOf(request.getRequestId()).getFrames()).isPositive();
    assertThat(rig.verdictOf(request.getRequestId()).getVerdict()).isEqualTo(Verdict.MATCH);
  }

  static Stream<Arguments> remarkableContext() {
    return Stream.of(
        Arguments.of(
            "streamed.wav",
            false,
            note(ContextNoteKind.SILENCE, 0, "the whole recording is silent")),
        Arguments.of(
            "cancelling.wav",
            false,
            note(
                ContextNoteKind.CHANNELS_CANCEL,
                0,
                "the channels cancel each other; channel 1 of 2 is used")),
        Arguments.of(
            "cut.wav",
            true,
            note(
                ContextNoteKind.DAMAGED,
                500,
                "WAV is cut off at 0.500 s: 0.500 s can be decoded, 38 % of the recording")));
  }

  @ParameterizedTest
  @MethodSource("remarkableContext")
  void notesOnContextAreInTheCompletedEvent(String key, boolean tolerant, ContextNote note) {
    // Given
    SynthesisRequested request =
        rig.request()
            .setContext(
                List.of(context(WorkerRig.VOICES, "good.wav"), context(WorkerRig.VOICES, key)))
            .setTolerateDamagedContext(tolerant)
            .build();

    // When
    rig.publish(request);

    // Then
    assertThat(rig.clipOf(request.getRequestId()).getContextNotes()).containsExactly(note);
  }

  /** On the second recording. */
  private static ContextNote note(ContextNoteKind kind, long positionMillis, String message) {
    return new ContextNote(1, kind, positionMillis, message);
  }

  static Stream<String> hostileIds() {
    return Stream.of(
        "../../" + UUID.randomUUID(), UUID.randomUUID() + "\nforged", "x".repeat(10_000));
  }

  @ParameterizedTest
  @MethodSource("hostileIds")
  void aHostileIdIsAnsweredUnderASafeOne(String id) {
    // When
    rig.publish(rig.request().setRequestId(id).build());

    // Then
    SynthesisFailed failure = rig.failureOf(RequestIds.safe(id));
    assertThat(failure.getCode()).isEqualTo(FailureCode.INVALID_REQUEST);
    assertThat(failure.getField()).isEqualTo("requestId");
    assertThat(failure.getRequestId()).matches("[A-Za-z0-9._:-]{1,128}");
  }

  static Stream<Arguments> undecodable() {
    return Stream.of(
        Arguments.of("{\"text\":\"hello\"}".getBytes(StandardCharsets.UTF_8), "magic byte"),
        Arguments.of(
            ByteBuffer.allocate(40).put((byte) 0).putInt(123_456).array(), "schema id 123456"));
  }

  @ParameterizedTest
  @MethodSource("undecodable")
  void anUndecodableRecordBecomesADeadLetterByteForByte(byte[] value, String why) {
    // Given
    String key = "k-" + UUID.randomUUID();

    // When
    rig.publish(key, value);

    // Then
    ConsumerRecord<byte[], byte[]> letter = rig.deadLetterOf(key);
    assertThat(letter.value()).isEqualTo(value);
    assertThat(header(letter, DeadLetterHeaders.REASON)).isEqualTo(DeadLetterHeaders.UNDECODABLE);
    assertThat(header(letter, DeadLetterHeaders.MESSAGE)).contains(why);
    SynthesisFailed failure = rig.failureOf(key);
    assertThat(failure.getCode()).isEqualTo(FailureCode.INVALID_REQUEST);
    assertThat(failure.getMessage()).contains("cannot be read", why);
  }

  private static Arguments refused(
      String what, String field, UnaryOperator<SynthesisRequested.Builder> change) {
    return Arguments.of(what, field, change);
  }

  private static UnaryOperator<SynthesisRequested.Builder> options(
      UnaryOperator<GenerationOptions.Builder> change) {
    return r -> r.setOptions(change.apply(GenerationOptions.newBuilder()).build());
  }

  private static ContextUtterance context(String bucket, String key) {
    return new ContextUtterance(1, "Hello there.", new ObjectReference(bucket, key, null));
  }

  private static void replace(byte[] value, String marker, byte[] with) {
    String text = new String(value, StandardCharsets.ISO_8859_1);
    System.arraycopy(with, 0, value, text.indexOf(marker), with.length);
  }

  private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
    return new String(record.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
  }
}
