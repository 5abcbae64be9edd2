package dev.utter.worker.cloudevents;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.utter.events.FailureCode;
import dev.utter.events.SynthesisFailed;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CloudEventsTest {
  private static final UUID ID = UUID.fromString("b1946ac9-2d6f-4f0e-9a34-d8f2c2c7b0aa");
  private static final SynthesisFailed EVENT =
      SynthesisFailed.newBuilder()
          .setEventId(ID)
          .setRequestId("order-7")
          .setCode(FailureCode.CANCELLED)
          .setMessage("the request was cancelled by its caller")
          .setAttempt(0)
          .setAttributes(Map.of())
          .setFailedAt(Instant.parse("2026-11-29T10:00:00.250Z"))
          .build();

  @Test
  void anOutcomeIsDescribedInItsHeaders() {
    // Given
    Headers headers = new RecordHeaders();

    // When
    new CloudEvents(new CloudEventsSettings(true, "/speech/eu")).describe(EVENT, headers);

    // Then
    assertThat(
            Stream.of(headers.toArray())
                .collect(
                    Collectors.toMap(Header::key, header -> new String(header.value(), UTF_8))))
        .containsOnly(
            Map.entry("ce_specversion", "1.0"),
            Map.entry("ce_id", ID.toString()),
            Map.entry("ce_source", "/speech/eu"),
            Map.entry("ce_type", "dev.utter.events.SynthesisFailed"),
            Map.entry("ce_subject", "order-7"),
            Map.entry("ce_time", "2026-11-29T10:00:00.250Z"),
            Map.entry("content-type", "application/avro"));
  }

  @Test
  void noHeadersAreAddedByDefault() {
    // Given
    Headers headers = new RecordHeaders();

    // When
    new CloudEvents(CloudEventsSettings.defaults()).describe(EVENT, headers);

    // Then
    assertThat(headers.toArray()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "with space", "caf\u00e9", "a\nb"})
  void aSourceThatIsNoReferenceIsRefused(String source) {
    assertThatThrownBy(() -> new CloudEventsSettings(true, source))
        .hasMessageContaining("cloudEvents.source")
        .hasMessageContaining("1 to 128 of");
  }
}
