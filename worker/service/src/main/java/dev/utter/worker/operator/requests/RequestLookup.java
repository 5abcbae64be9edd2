package dev.utter.worker.operator.requests;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.utter.events.RequestStatus;
import dev.utter.events.StoredAudio;
import dev.utter.events.Topics;
import dev.utter.worker.avro.EventDeserializer;
import dev.utter.worker.erasure.KeyedRecords;
import dev.utter.worker.settings.WorkerSettings;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Looks a request up on {@code utter.status}. */
public final class RequestLookup {
  private RequestLookup() {}

  /**
   * What is known of a request, by the names of {@code RequestStatus}; what is not known is left
   * out. Empty if there is no row: the id was never admitted or refused, is forgotten, or the
   * status workers are behind.
   *
   * @throws org.apache.kafka.common.KafkaException if the brokers do not answer or refuse
   * @throws dev.utter.worker.failure.RetryLaterException if the registry does not answer
   */
  public static Optional<ObjectNode> of(WorkerSettings settings, String requestId) {
    List<byte[]> rows;
    try (KeyedRecords records = new KeyedRecords(settings.kafka(), requestId)) {
      rows = records.values(Topics.STATUS);
    }
    byte[] last = rows.isEmpty() ? null : rows.get(rows.size() - 1);
    if (last == null) {
      return Optional.empty();
    }
    try (EventDeserializer<RequestStatus> reader =
        new EventDeserializer<>(RequestStatus.class, settings.registry().client())) {
      return Optional.of(json(reader.deserialize(Topics.STATUS, last)));
    }
  }

  private static ObjectNode json(RequestStatus row) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("requestId", row.getRequestId());
    json.put("state", row.getState().name());
    put(json, "lane", row.getLane());
    put(json, "worker", row.getWorker());
    json.put("attempt", row.getAttempt());
    put(json, "admittedAt", row.getAdmittedAt());
    put(json, "startedAt", row.getStartedAt());
    put(json, "finishedAt", row.getFinishedAt());
    put(json, "failureCode", row.getFailureCode());
    put(json, "failureMessage", row.getFailureMessage());
    StoredAudio audio = row.getAudio();
    if (audio != null) {
      ObjectNode clip = json.putObject("audio");
      clip.put("bucket", audio.getBucket());
      clip.put("key", audio.getKey());
      put(clip, "versionId", audio.getVersionId());
      clip.put("sha256", audio.getSha256());
      clip.put("sizeBytes", audio.getSizeBytes());
    }
    put(json, "verdict", row.getVerdict());
    put(json, "verifiedAt", row.getVerifiedAt());
    return json;
  }

  private static void put(ObjectNode json, String name, @Nullable Object value) {
    if (value != null) {
      json.put(name, value.toString());
    }
  }
}
