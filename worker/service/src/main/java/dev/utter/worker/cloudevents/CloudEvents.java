package dev.utter.worker.cloudevents;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import dev.utter.events.SynthesisCompleted;
import dev.utter.events.SynthesisFailed;
import dev.utter.events.WatermarkVerified;
import java.time.Instant;
import java.util.UUID;
import org.apache.avro.Schema;
import org.apache.kafka.common.header.Headers;

/**
 * Describes outcomes in the headers of CloudEvents 1.0, in the binary mode of its protocol binding
 * for Kafka. The values of the records stay as they are. Thread-safe.
 */
public final class CloudEvents {
  /** Adds no headers. */
  public static final CloudEvents OFF = new CloudEvents(CloudEventsSettings.defaults());

  private static final String VERSION = "1.0";
  private static final String CONTENT_TYPE = "application/avro";

  private final CloudEventsSettings settings;

  public CloudEvents(CloudEventsSettings settings) {
    this.settings = requireNonNull(settings, "settings is null");
  }

  public void describe(SynthesisCompleted event, Headers headers) {
    add(
        headers,
        event.getSchema(),
        event.getEventId(),
        event.getRequestId(),
        event.getCompletedAt());
  }

  public void describe(SynthesisFailed event, Headers headers) {
    add(headers, event.getSchema(), event.getEventId(), event.getRequestId(), event.getFailedAt());
  }

  public void describe(WatermarkVerified event, Headers headers) {
    add(headers, event.getSchema(), event.getEventId(), event.getRequestId(), event.getCheckedAt());
  }

  private void add(Headers headers, Schema type, UUID id, String requestId, Instant time) {
    if (settings.enabled()) {
      add(headers, "ce_specversion", VERSION);
      add(headers, "ce_id", id.toString());
      add(headers, "ce_source", settings.source());
      add(headers, "ce_type", type.getFullName());
      add(headers, "ce_subject", requestId);
      add(headers, "ce_time", time.toString());
      add(headers, "content-type", CONTENT_TYPE);
    }
  }

  private static void add(Headers headers, String name, String value) {
    headers.add(name, value.getBytes(UTF_8));
  }
}
