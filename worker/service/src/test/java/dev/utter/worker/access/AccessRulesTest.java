package dev.utter.worker.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.utter.events.FailureCode;
import dev.utter.events.ObjectReference;
import dev.utter.events.OutputLocation;
import dev.utter.worker.failure.RequestFailedException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AccessRulesTest {
  private static final String FIELD = "context[3].audio";

  private final AccessRules rules =
      new AccessRules(
          new AccessSettings(
              ObjectPrefix.parse("utter/clips"),
              List.of(
                  ObjectPrefix.parse("utter/context"),
                  ObjectPrefix.parse("voices/public/"),
                  ObjectPrefix.parse("voices/team-a"),
                  ObjectPrefix.parse("open/")),
              List.of(ObjectPrefix.parse("utter/clips"), ObjectPrefix.parse("team-a/a/b")),
              List.of(ObjectPrefix.parse("archive/2025"), ObjectPrefix.parse("utter/old"))));

  @ParameterizedTest
  @CsvSource({
    "utter, context/a.wav",
    "utter, context/a/b/c.wav",
    "voices, public/a.wav",
    "voices, team-a/a.wav",
    "open, a.wav",
    "open, clips/a.wav",
    // Keys are opaque: these are names like any other.
    "utter, context/..a.wav",
    "utter, context/%2e%2e/clips",
    "utter, context/ä ö.wav",
  })
  void anObjectBelowARuleMayBeNamed(String bucket, String key) {
    assertThatCode(() -> rules.checkContext(FIELD, new ObjectReference(bucket, key, null)))
        .doesNotThrowAnyException();
  }

  @ParameterizedTest
  @CsvSource({
    "utter, clips/of-somebody-else.wav, key",
    "utter, context, key",
    "utter, contexts/a.wav, key",
    "utter, context-private/a.wav, key",
    "utter, CONTEXT/a.wav, key",
    "utter, a/context/a.wav, key",
    "utter, %63ontext/a.wav, key",
    "voices, a.wav, key",
    "voices, context/a.wav, key",
    "private-hr, context/a.wav, bucket",
    "utter-2, context/a.wav, bucket",
  })
  void anObjectElsewhereIsRefusedByFieldAndRule(String bucket, String key, String part) {
    // When
    RequestFailedException refusal = refusal(bucket, key);

    // Then
    assertThat(refusal.code()).isEqualTo(FailureCode.INVALID_REQUEST);
    assertThat(refusal.field()).contains(FIELD + "." + part);
    assertThat(refusal).hasMessageContaining("access.contexts");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "context/../clips/a.wav",
        "context/./a.wav",
        "context//a.wav",
        "/context/a.wav",
        "context/a.wav/",
        "context/",
        "context\\..\\clips\\a.wav",
        "context/a\n.wav",
        "context/\0/../clips/a.wav",
        "context/\u0085a.wav",
        "",
      })
  void aKeyThatAnotherReaderCouldTakeForAnotherIsRefusedAndNotResolved(String key) {
    // When
    RequestFailedException refusal = refusal("open", key);

    // Then
    assertThat(refusal.code()).isEqualTo(FailureCode.INVALID_REQUEST);
    assertThat(refusal.field()).contains(FIELD + ".key");
    assertThat(refusal.getMessage()).matches("[ -~]+");
  }

  @ParameterizedTest
  @CsvSource({
    "'', '', utter/clips",
    "utter, clips/2026, utter/clips/2026",
    "team-a, a/b, team-a/a/b",
    "'', clips/a, utter/clips/a",
  })
  void aClipGoesWhereARuleAllows(String bucket, String prefix, String place) {
    assertThat(rules.output(location(bucket, prefix))).hasToString(place);
  }

  @ParameterizedTest
  @CsvSource({
    "private-hr, clips, output.bucket",
    "'', context, output.prefix",
    "'', clips-2, output.prefix",
    "'', clips/../context, output.prefix",
    "'', /clips, output.prefix",
    "'', clips/, output.prefix",
    "team-a, a, output.prefix",
    "team-a, a/bc, output.prefix",
    // The default prefix is none of those that this bucket has.
    "team-a, '', output.prefix",
  })
  void aClipGoesNowhereElse(String bucket, String prefix, String field) {
    // When
    RequestFailedException refusal =
        catchThrowableOfType(
            RequestFailedException.class, () -> rules.output(location(bucket, prefix)));

    // Then
    assertThat(refusal.code()).isEqualTo(FailureCode.INVALID_REQUEST);
    assertThat(refusal.field()).contains(field);
  }

  @Test
  void noRuleMeansNowhere() {
    // Given
    AccessRules none =
        new AccessRules(
            new AccessSettings(
                ObjectPrefix.parse("utter/clips"),
                List.of(),
                List.of(ObjectPrefix.parse("utter/clips")),
                List.of()));

    // Then
    assertThatThrownBy(
            () -> none.checkContext(FIELD, new ObjectReference("utter", "context/a.wav", null)))
        .isInstanceOf(RequestFailedException.class);
  }

  @ParameterizedTest
  @CsvSource({
    "utter, clips/a.wav",
    "utter, clips/2026/a.wav",
    "team-a, a/b/a.wav",
    "archive, 2025/a.wav",
    "utter, old/a.wav",
  })
  void whatWorkersWriteAndWhatASettingAddsMayBeVerified(String bucket, String key) {
    assertThatCode(() -> rules.checkVerification("audio", new ObjectReference(bucket, key, null)))
        .doesNotThrowAnyException();
  }

  @ParameterizedTest
  @CsvSource({
    "utter, context/voice.wav, audio.key",
    "utter, clips-2/a.wav, audio.key",
    "utter, clips/../context/voice.wav, audio.key",
    "utter, a.wav, audio.key",
    "team-a, a/other.wav, audio.key",
    "archive, 2026/a.wav, audio.key",
    "voices, public/a.wav, audio.bucket",
    "open, a.wav, audio.bucket",
    "../etc, passwd, audio.bucket",
  })
  void nothingElseMayBeVerified(String bucket, String key, String field) {
    // When
    RequestFailedException refusal =
        catchThrowableOfType(
            RequestFailedException.class,
            () -> rules.checkVerification("audio", new ObjectReference(bucket, key, null)));

    // Then
    assertThat(refusal.field()).contains(field);
  }

  @Test
  void byDefaultNothingButClipsMayBeVerified() {
    // Given
    AccessRules defaults =
        new AccessRules(AccessSettings.defaults(ObjectPrefix.parse("utter/clips")));

    // Then
    assertThatCode(
            () -> defaults.checkVerification("audio", new ObjectReference("utter", "clips/a", "v")))
        .doesNotThrowAnyException();
    assertThatThrownBy(
            () ->
                defaults.checkVerification(
                    "audio", new ObjectReference("utter", "context/a.wav", null)))
        .isInstanceOf(RequestFailedException.class)
        .hasMessageContaining("access.outputs or access.verifications");
  }

  private RequestFailedException refusal(String bucket, String key) {
    return catchThrowableOfType(
        RequestFailedException.class,
        () -> rules.checkContext(FIELD, new ObjectReference(bucket, key, null)));
  }

  private static OutputLocation location(String bucket, String prefix) {
    return new OutputLocation(bucket.isEmpty() ? null : bucket, prefix.isEmpty() ? null : prefix);
  }
}
