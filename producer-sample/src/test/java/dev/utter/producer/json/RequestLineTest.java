package dev.utter.producer.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.utter.events.AudioFormat;
import dev.utter.events.GenerationOptions;
import dev.utter.events.Priority;
import dev.utter.events.SynthesisRequested;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RequestLineTest {
  private static final Instant NOW = Instant.parse("2027-01-31T12:00:00Z");
  private static final Clock CLOCK = Clock.fixed(NOW, ZoneOffset.UTC);

  @Test
  void aTextAloneMakesARequestWithTheDefaultsOfTheEvent() {
    // When
    SynthesisRequested event = RequestLine.parse("{\"text\": \"Hello.\"}").toEvent(CLOCK);

    // Then
    SynthesisRequested defaults =
        SynthesisRequested.newBuilder()
            .setRequestId(event.getRequestId())
            .setText("Hello.")
            .setRequestedAt(NOW)
            .build();
    assertThat(event).isEqualTo(defaults);
    assertThat(event.getRequestId()).hasSize(36);
  }

  @Test
  void everyFieldReachesTheEvent() {
    // Given
    String json =
        """
        {"requestId": "r-1", "text": "Hello.", "speaker": 3,
         "context": [{"speaker": 1, "text": "Hi.", "bucket": "voices", "key": "a.wav"}],
         "maxDurationMillis": 4000, "temperature": 0.5, "topK": 7, "seed": 42, "format": "FLAC",
         "bucket": "clips", "prefix": "today", "priority": "BULK",
         "deadline": "2027-02-01T00:00:00Z", "attributes": {"team": "radio"}}
        """;

    // When
    SynthesisRequested event = RequestLine.parse(json).toEvent(CLOCK);

    // Then
    assertThat(event.getRequestId()).isEqualTo("r-1");
    assertThat(event.getSpeaker()).isEqualTo(3);
    assertThat(event.getContext())
        .singleElement()
        .satisfies(
            utterance -> {
              assertThat(utterance.getSpeaker()).isEqualTo(1);
              assertThat(utterance.getText()).isEqualTo("Hi.");
              assertThat(utterance.getAudio().getBucket()).isEqualTo("voices");
              assertThat(utterance.getAudio().getKey()).isEqualTo("a.wav");
            });
    assertThat(event.getOptions())
        .isEqualTo(new GenerationOptions(4000, 0.5f, 7, 42L, AudioFormat.FLAC));
    assertThat(event.getOutput().getBucket()).isEqualTo("clips");
    assertThat(event.getOutput().getPrefix()).isEqualTo("today");
    assertThat(event.getPriority()).isEqualTo(Priority.BULK);
    assertThat(event.getDeadline()).isEqualTo(Instant.parse("2027-02-01T00:00:00Z"));
    assertThat(event.getAttributes()).isEqualTo(Map.of("team", "radio"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"speaker\": 1}                       | text",
        "{\"text\": \"a\", \"colour\": \"red\"} | colour",
        "{\"text\": \"a\", \"format\": \"AAC\"} | AAC",
        "{\"text\": \"a\"                       | end-of-input",
        "{\"text\": \"a\"} x                    | x",
        "null                                   | text",
        "{\"text\": \"a\", \"deadline\": \"tomorrow\"} | tomorrow",
        "{\"text\": \"a\", \"deadline\": \"+999999999-01-01T00:00:00Z\"} | +999999999",
        "{\"text\": null}                       | field text is missing",
        "{\"text\": \"a\", \"attributes\": {\"b\": null}} | field attributes.b is missing",
        "{\"text\": \"a\", \"context\": [null]} | field context[0] is missing",
        "{\"text\": \"a\", \"context\": [{\"text\": \"b\", \"key\": \"k\"}]} | field context[0].bucket",
        "{\"text\": \"a\", \"context\": [{\"speaker\": \"x\"}]} | field context[0].speaker",
        "{\"text\": \"a\", \"speaker\": []} | field speaker",
      })
  void aLineThatIsNoRequestIsRefusedNamingWhatIsWrong(String json, String named) {
    assertThatThrownBy(() -> RequestLine.parse(json).toEvent(CLOCK))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(named);
  }
}
