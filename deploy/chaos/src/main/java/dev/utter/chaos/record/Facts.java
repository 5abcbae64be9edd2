package dev.utter.chaos.record;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.utter.events.DeadLetterHeaders;
import dev.utter.events.StoredAudio;
import dev.utter.events.SynthesisCompleted;
import dev.utter.events.SynthesisFailed;
import dev.utter.events.SynthesisStarted;
import dev.utter.events.Topics;
import dev.utter.events.WatermarkVerified;
import io.confluent.kafka.serializers.KafkaAvroDeserializer;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;

/** The facts of a record that go into the history. */
final class Facts implements AutoCloseable {
  private static final int MESSAGE_CHARS = 160;

  private final KafkaAvroDeserializer deserializer = new KafkaAvroDeserializer();

  Facts(String registryUrl) {
    deserializer.configure(
        Map.of("schema.registry.url", registryUrl, "specific.avro.reader", true), false);
  }

  Map<String, String> of(ConsumerRecord<byte[], byte[]> record) {
    Map<String, String> facts = new LinkedHashMap<>();
    switch (record.topic()) {
      case Topics.COMPLETED -> completed((SynthesisCompleted) value(record), facts);
      case Topics.FAILED -> failed((SynthesisFailed) value(record), facts);
      case Topics.STARTED -> started((SynthesisStarted) value(record), facts);
      case Topics.VERIFIED ->
          facts.put("verdict", ((WatermarkVerified) value(record)).getVerdict().name());
      case Topics.DEAD_LETTERS -> deadLetter(record, facts);
      default -> {}
    }
    return facts;
  }

  /** The request id that a record names; of a dead letter only the key is known. */
  String id(ConsumerRecord<byte[], byte[]> record) {
    return switch (record.topic()) {
      case Topics.COMPLETED -> ((SynthesisCompleted) value(record)).getRequestId();
      case Topics.FAILED -> ((SynthesisFailed) value(record)).getRequestId();
      case Topics.STARTED -> ((SynthesisStarted) value(record)).getRequestId();
      case Topics.DEAD_LETTERS -> "";
      default -> key(record);
    };
  }

  static String key(ConsumerRecord<byte[], byte[]> record) {
    return record.key() == null ? "" : new String(record.key(), UTF_8);
  }

  private static void completed(SynthesisCompleted event, Map<String, String> facts) {
    StoredAudio audio = event.getAudio();
    facts.put("attempt", Integer.toString(event.getAttempt()));
    facts.put("worker", event.getWorker());
    facts.put("sha256", audio.getSha256());
    facts.put("key", audio.getKey());
    facts.put("endedAt", Long.toString(event.getCompletedAt().toEpochMilli()));
    facts.put("durationMillis", Long.toString(event.getDurationMillis()));
  }

  private static void failed(SynthesisFailed event, Map<String, String> facts) {
    facts.put("code", event.getCode().name());
    facts.put("attempt", Integer.toString(event.getAttempt()));
    facts.put("worker", String.valueOf(event.getWorker()));
    facts.put("endedAt", Long.toString(event.getFailedAt().toEpochMilli()));
    String message = event.getMessage();
    facts.put("message", message.substring(0, Math.min(message.length(), MESSAGE_CHARS)));
  }

  private static void started(SynthesisStarted event, Map<String, String> facts) {
    facts.put("attempt", Integer.toString(event.getAttempt()));
    facts.put("worker", event.getWorker());
    facts.put("startedAt", Long.toString(event.getStartedAt().toEpochMilli()));
  }

  private static void deadLetter(ConsumerRecord<byte[], byte[]> record, Map<String, String> facts) {
    facts.put("reason", header(record, DeadLetterHeaders.REASON));
    facts.put("ofTopic", header(record, DeadLetterHeaders.TOPIC));
    facts.put("ofPartition", header(record, DeadLetterHeaders.PARTITION));
    facts.put("ofOffset", header(record, DeadLetterHeaders.OFFSET));
  }

  private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
    Header header = record.headers().lastHeader(name);
    return header == null ? "" : new String(header.value(), UTF_8);
  }

  private Object value(ConsumerRecord<byte[], byte[]> record) {
    return deserializer.deserialize(record.topic(), record.value());
  }

  @Override
  public void close() {
    deserializer.close();
  }
}
