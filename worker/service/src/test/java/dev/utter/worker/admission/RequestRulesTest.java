package dev.utter.worker.admission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.utter.events.AudioFormat;
import dev.utter.events.ContextUtterance;
import dev.utter.events.FailureCode;
import dev.utter.events.GenerationOptions;
import dev.utter.events.ObjectReference;
import dev.utter.events.OutputLocation;
import dev.utter.events.Priority;
import dev.utter.events.SynthesisRequested;
import dev.utter.worker.access.AccessRules;
import dev.utter.worker.access.AccessSettings;
import dev.utter.worker.access.ObjectPrefix;
import dev.utter.worker.failure.RequestFailedException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestRulesTest {
  private static final Instant NOW = AdmissionRig.START;
  private final RequestRules rules =
      new RequestRules(
          new AdmissionSettings(100, 64, Duration.ofDays(1)),
          new AccessRules(
              new AccessSettings(
                  new ObjectPrefix("utter-clips", "clips"),
                  List.of(new ObjectPrefix("voices", "")),
                  List.of(
                      new ObjectPrefix("utter-clips", "clips"),
                      new ObjectPrefix("utter-clips", "team")),
                  List.of())));

  static Stream<Arguments> broken() {
    return Stream.of(
        broken("text", "\"\"", r -> r.setText("")),
        broken("text", "\" \\n\"", r -> r.setText(" \n")),
        broken("text", "100000 characters", r -> r.setText("x".repeat(100_000))),
        broken("text", "101 characters", r -> r.setText("x".repeat(101))),
        broken("text", "U+D83D at index 3", r -> r.setText("hi \ud83d")),
        broken("text", "U+DE00 at index 0", r -> r.setText("\ude00\ud83d")),
        broken("text", "U+FFFD", r -> r.setText("hi \ufffd\ufffd")),
        broken("speaker", "-1", r -> r.setSpeaker(-1)),
        broken("context", "33 utterances", r -> r.setContext(context(33))),
        broken(
            "context[0].speaker",
            "-5",
            r -> r.setContext(List.of(new ContextUtterance(-5, "Hi.", audio("voices", "a.wav"))))),
        broken(
            "context[0].text",
            "\"\"",
            r -> r.setContext(List.of(new ContextUtterance(0, "", audio("voices", "a.wav"))))),
        brokenAudio("context[0].audio.bucket", "\"other\"", audio("other", "a.wav")),
        brokenAudio("context[0].audio.bucket", "\"../etc\"", audio("../etc", "a.wav")),
        brokenAudio("context[0].audio.bucket", "\"\"", audio("", "a.wav")),
        brokenAudio("context[0].audio.key", "has 0", audio("voices", "")),
        brokenAudio("context[0].audio.key", "\"../a.wav\"", audio("voices", "../a.wav")),
        brokenAudio("context[0].audio.key", "\"/a.wav\"", audio("voices", "/a.wav")),
        brokenAudio("context[0].audio.key", "\"a\\u0000b\"", audio("voices", "a\0b")),
        brokenAudio("context[0].audio.key", "has 2000", audio("voices", "x".repeat(2000))),
        brokenAudio(
            "context[0].audio.versionId",
            "\"a\\nb\"",
            new ObjectReference("voices", "a.wav", "a\nb")),
        broken("options.maxDurationMillis", "79", options(o -> o.setMaxDurationMillis(79))),
        broken("options.maxDurationMillis", "90001", options(o -> o.setMaxDurationMillis(90_001))),
        broken("options.temperature", "0.0", options(o -> o.setTemperature(0))),
        broken("options.temperature", "-1.0", options(o -> o.setTemperature(-1))),
        broken("options.temperature", "NaN", options(o -> o.setTemperature(Float.NaN))),
        broken(
            "options.temperature",
            "Infinity",
            options(o -> o.setTemperature(Float.POSITIVE_INFINITY))),
        broken("options.topK", "0", options(o -> o.setTopK(0))),
        broken("options.topK", "65", options(o -> o.setTopK(65))),
        broken("options.format", "UNKNOWN", options(o -> o.setFormat(AudioFormat.UNKNOWN))),
        broken(
            "output.bucket",
            "\"elsewhere\"",
            r -> r.setOutput(new OutputLocation("elsewhere", null))),
        broken(
            "output.prefix",
            "\"../secret\"",
            r -> r.setOutput(new OutputLocation("utter-clips", "../secret"))),
        broken(
            "output.prefix",
            "\"context\"",
            r -> r.setOutput(new OutputLocation("utter-clips", "context"))),
        broken("output.prefix", "\"a/\"", r -> r.setOutput(new OutputLocation(null, "a/"))),
        broken("priority", "UNKNOWN", r -> r.setPriority(Priority.UNKNOWN)),
        broken("attributes", "65 entries", r -> r.setAttributes(attributes(65, "v"))),
        broken(
            "attributes",
            "20006 characters",
            r -> r.setAttributes(attributes(2, "v".repeat(10_000)))));
  }

  @ParameterizedTest(name = "{0} is {1}")
  @MethodSource("broken")
  void aBrokenRuleIsNamedWithItsFieldAndValue(
      String field, String value, UnaryOperator<SynthesisRequested.Builder> change) {
    // Given
    SynthesisRequested request = change.apply(AdmissionRig.request("a")).build();

    // When
    RequestFailedException failure = check(request);

    // Then
    assertThat(failure.code()).isEqualTo(FailureCode.INVALID_REQUEST);
    assertThat(failure.field()).contains(field);
    assertThat(failure).hasMessageContaining(value);
    assertThat(failure.getMessage()).startsWith(field + " is ").matches("[ -~]{1,400}");
  }

  @ParameterizedTest
  @ValueSource(longs = {-1000, 0})
  void aDeadlineThatHasPassedIsNamed(long millisFromNow) {
    // Given
    SynthesisRequested request =
        AdmissionRig.request("a").setDeadline(NOW.plusMillis(millisFromNow)).build();

    // When
    RequestFailedException failure = check(request);

    // Then
    assertThat(failure.code()).isEqualTo(FailureCode.DEADLINE_EXCEEDED);
    assertThat(failure.field()).contains("deadline");
  }

  @Test
  void everyValueAtItsLimitPasses() {
    // Given
    SynthesisRequested request =
        AdmissionRig.request("a")
            .setText("\ud83d\ude00".repeat(50))
            .setSpeaker(Integer.MAX_VALUE)
            .setContext(context(32))
            .setOptions(new GenerationOptions(90_000, 10f, 64, -1L, AudioFormat.MP3))
            .setOutput(new OutputLocation("utter-clips", "team/2026"))
            .setPriority(Priority.BULK)
            .setDeadline(NOW.plusMillis(1))
            .setAttributes(attributes(64, "v"))
            .build();

    // Then
    assertThatCode(() -> rules.check(request, NOW)).doesNotThrowAnyException();
  }

  @Test
  void everySmallestValuePasses() {
    // Given
    SynthesisRequested request =
        AdmissionRig.request("a")
            .setText("x")
            .setSpeaker(0)
            .setOptions(new GenerationOptions(80, Float.MIN_VALUE, 1, null, AudioFormat.FLAC))
            .setPriority(Priority.INTERACTIVE)
            .setAttributes(Map.of("k", "v".repeat(16_383)))
            .build();

    // Then
    assertThatCode(() -> rules.check(request, NOW)).doesNotThrowAnyException();
  }

  private RequestFailedException check(SynthesisRequested request) {
    return catchThrowableOfType(RequestFailedException.class, () -> rules.check(request, NOW));
  }

  private static Arguments broken(
      String field, String value, UnaryOperator<SynthesisRequested.Builder> change) {
    return Arguments.of(field, value, change);
  }

  private static Arguments brokenAudio(String field, String value, ObjectReference audio) {
    return broken(field, value, r -> r.setContext(List.of(new ContextUtterance(0, "Hi.", audio))));
  }

  private static UnaryOperator<SynthesisRequested.Builder> options(
      UnaryOperator<GenerationOptions.Builder> change) {
    return r -> r.setOptions(change.apply(GenerationOptions.newBuilder()).build());
  }

  private static List<ContextUtterance> context(int utterances) {
    return Collections.nCopies(
        utterances, new ContextUtterance(0, "Hi.", audio("voices", "a.wav")));
  }

  private static ObjectReference audio(String bucket, String key) {
    return new ObjectReference(bucket, key, null);
  }

  private static Map<String, String> attributes(int entries, String value) {
    return IntStream.range(0, entries)
        .boxed()
        .collect(Collectors.toMap(i -> "k" + i % 10 + i, i -> value));
  }
}
