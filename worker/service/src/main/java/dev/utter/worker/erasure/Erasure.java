package dev.utter.worker.erasure;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import dev.utter.events.RequestState;
import dev.utter.events.RequestStatus;
import dev.utter.events.StoredAudio;
import dev.utter.events.SynthesisCompleted;
import dev.utter.events.Topics;
import dev.utter.worker.avro.EventDeserializer;
import dev.utter.worker.avro.UndecodableRecordException;
import dev.utter.worker.settings.WorkerSettings;
import dev.utter.worker.settings.source.SettingsException;
import dev.utter.worker.storage.ObjectStore;
import dev.utter.worker.storage.OwnBuckets;
import dev.utter.worker.storage.object.ObjectHead;
import dev.utter.worker.storage.object.ObjectLocation;
import dev.utter.worker.synthesis.clip.ClipOwner;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Removes the clip of a request and its status row. Clips are found by the row and by the completed
 * events, and deleted only if their metadata names the request: an event alone deletes nothing.
 *
 * <p>Kafka cannot delete one record of a log. Records of the request on other topics stay until
 * their retention ends, see {@link ErasureReport#stays()}.
 *
 * <p>Threading: calls block; one thread.
 */
public final class Erasure {
  private static final Set<RequestState> UNFINISHED =
      Set.of(RequestState.ADMITTED, RequestState.RUNNING);

  private final WorkerSettings settings;
  private final Duration patience;

  /**
   * Erasure on the cluster and the store of these settings.
   *
   * @param patience how long to wait for a status worker
   */
  public Erasure(WorkerSettings settings, Duration patience) {
    this.settings = requireNonNull(settings, "settings is null");
    this.patience = requireNonNull(patience, "patience is null");
  }

  /**
   * Removes what can be removed of a request.
   *
   * @throws SettingsException if a clip is to be deleted and the settings name no store
   */
  public ErasureReport erase(String requestId) {
    ErasureReport.Builder report = new ErasureReport.Builder(requestId);
    try (KeyedRecords records = new KeyedRecords(settings.kafka(), requestId)) {
      Optional<RequestStatus> row = row(records);
      if (row.map(RequestStatus::getState).filter(UNFINISHED::contains).isPresent()) {
        return report.unfinished(row.get().getState());
      }
      Set<ObjectLocation> clips = clips(records, requestId, row);
      if (row.isEmpty() && clips.isEmpty()) {
        return report.unknown();
      }
      delete(clips, requestId, report);
      records.follow(Topics.STATUS);
      publishTombstone(Topics.VERIFIED, requestId);
      if (records.await(Objects::isNull, patience)) {
        report.removed("status row, from " + Topics.STATUS + " and the status workers' state");
      } else {
        publishTombstone(Topics.STATUS, requestId);
        report.removed("status row, from " + Topics.STATUS);
        report.stays(
            "the status workers' state, until one of them runs again: none answered within "
                + patience.toSeconds()
                + " s");
      }
    }
    TopicRetentions.of(settings.kafka().client()).forEach(report::stays);
    return report.build();
  }

  private Optional<RequestStatus> row(KeyedRecords records) {
    List<byte[]> rows = records.values(Topics.STATUS);
    byte[] last = rows.isEmpty() ? null : rows.get(rows.size() - 1);
    if (last == null) {
      return Optional.empty();
    }
    try (EventDeserializer<RequestStatus> reader =
        new EventDeserializer<>(RequestStatus.class, settings.registry().client())) {
      return Optional.of(reader.deserialize(Topics.STATUS, last));
    }
  }

  private Set<ObjectLocation> clips(
      KeyedRecords records, String requestId, Optional<RequestStatus> row) {
    List<StoredAudio> named = new ArrayList<>();
    row.map(RequestStatus::getAudio).ifPresent(named::add);
    try (EventDeserializer<SynthesisCompleted> reader =
        new EventDeserializer<>(SynthesisCompleted.class, settings.registry().client())) {
      for (byte[] value : records.values(Topics.COMPLETED)) {
        completed(reader, value)
            .filter(event -> event.getRequestId().equals(requestId))
            .ifPresent(event -> named.add(event.getAudio()));
      }
    }
    Set<ObjectLocation> clips = new LinkedHashSet<>();
    for (StoredAudio audio : named) {
      clips.add(
          new ObjectLocation(
              audio.getBucket(), audio.getKey(), Optional.ofNullable(audio.getVersionId())));
    }
    return clips;
  }

  /** A record that cannot be decoded names no clip. */
  private static Optional<SynthesisCompleted> completed(
      EventDeserializer<SynthesisCompleted> reader, byte[] value) {
    try {
      return value == null
          ? Optional.empty()
          : Optional.of(reader.deserialize(Topics.COMPLETED, value));
    } catch (UndecodableRecordException e) {
      return Optional.empty();
    }
  }

  private void delete(Set<ObjectLocation> clips, String requestId, ErasureReport.Builder report) {
    if (clips.isEmpty()) {
      return;
    }
    try (ObjectStore store =
        ObjectStore.of(
            settings
                .storage()
                .orElseThrow(
                    () -> new SettingsException("the section storage is missing; a clip needs it")),
            OwnBuckets.NONE)) {
      for (ObjectLocation clip : clips) {
        Optional<ObjectHead> head = store.find(clip);
        if (head.isEmpty()) {
          report.removed("clip " + clip + ", which was gone already");
        } else if (ClipOwner.of(head.get().metadata()).filter(requestId::equals).isEmpty()) {
          report.failed("clip " + clip + " is not deleted: its metadata names another request");
        } else {
          store.delete(clip);
          report.removed("clip " + clip);
        }
      }
    }
  }

  private void publishTombstone(String topic, String requestId) {
    Map<String, Object> properties = new HashMap<>(settings.kafka().client());
    properties.putAll(settings.kafka().producer());
    properties.put("acks", "all");
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer())) {
      producer.send(new ProducerRecord<>(topic, requestId.getBytes(UTF_8), null)).get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while a tombstone was sent", e);
    } catch (ExecutionException e) {
      throw new IllegalStateException("Kafka did not accept a tombstone on " + topic, e.getCause());
    }
  }
}
