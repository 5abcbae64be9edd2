package dev.utter.producer.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.utter.events.FailureCode;
import dev.utter.events.RequestState;
import dev.utter.events.RequestStatus;
import dev.utter.events.Topics;
import dev.utter.events.Verdict;
import dev.utter.producer.json.ResultLine;
import io.confluent.kafka.serializers.KafkaAvroDeserializer;
import io.confluent.kafka.serializers.KafkaAvroSerializer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Reads arbitrary values from the topics of results. */
class ResultFuzzTest {
  private static final KafkaAccess ACCESS =
      new KafkaAccess("localhost:1", "mock://result-fuzz", Map.of());
  private static final KafkaAvroDeserializer READER = ResultFollower.deserializer(ACCESS);
  private static final List<String> TOPICS =
      List.of(Topics.STATUS, Topics.COMPLETED, Topics.FAILED, Topics.VERIFIED);
  private static final List<byte[]> SAMPLES =
      List.of(
          written(Topics.STATUS, status()),
          written(Topics.COMPLETED, SampleEvents.completed()),
          written(Topics.FAILED, SampleEvents.failed(FailureCode.CANCELLED)),
          written(Topics.VERIFIED, SampleEvents.verified(Verdict.MATCH)));

  /** The magic byte and the id of the schema. */
  private static final int PREFIX_BYTES = 5;

  /** The first byte chooses the topic, the others are the event. */
  @FuzzTest
  void aResultIsReadOrSkipped(byte[] bytes) {
    int topic = bytes.length == 0 ? 0 : Math.floorMod(bytes[0], TOPICS.size());
    int length = Math.max(0, bytes.length - 1);
    byte[] value = Arrays.copyOf(SAMPLES.get(topic), PREFIX_BYTES + length);
    System.arraycopy(bytes, bytes.length - length, value, PREFIX_BYTES, length);
    Object event;
    try {
      event = read(TOPICS.get(topic), value);
    } catch (RuntimeException e) {
      return;
    }
    assertThat(ResultLine.of(RequestProgress.of("id").with(event))).asString().isNotEmpty();
  }

  private static Object read(String topic, byte[] value) {
    return READER.deserialize(topic, value, ResultFollower.RESULT_TOPICS.get(topic));
  }

  private static byte[] written(String topic, Object event) {
    try (KafkaAvroSerializer serializer = new KafkaAvroSerializer()) {
      serializer.configure(ACCESS.with(Map.of()), false);
      return serializer.serialize(topic, event);
    }
  }

  private static RequestStatus status() {
    return RequestStatus.newBuilder().setRequestId("id").setState(RequestState.ADMITTED).build();
  }
}
