package dev.utter.worker.avro;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.utter.embedded.BasicCredentials;
import dev.utter.embedded.EmbeddedSchemaRegistry;
import dev.utter.embedded.EmbeddedSchemaRegistrySettings;
import dev.utter.events.SynthesisCancelled;
import dev.utter.events.SynthesisRequested;
import dev.utter.worker.failure.RetryLaterException;
import io.confluent.kafka.serializers.KafkaAvroSerializer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericData;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class EventDeserializerTest {
  private static final String TOPIC = "utter.cancellations";
  private static final int ANY_PORT = 0;

  private EmbeddedSchemaRegistry registry;
  private EventSerializer serializer;
  private EventDeserializer<SynthesisCancelled> deserializer;

  @BeforeEach
  void start() {
    registry = EmbeddedSchemaRegistry.start(EmbeddedSchemaRegistrySettings.temporary());
    serializer = new EventSerializer(properties());
    deserializer = new EventDeserializer<>(SynthesisCancelled.class, properties());
  }

  @AfterEach
  void stop() {
    deserializer.close();
    serializer.close();
    registry.close();
  }

  @Test
  void readsWhatTheSerializerWrote() {
    // Given
    SynthesisCancelled event = cancelled("a");

    // When
    SynthesisCancelled read = deserializer.deserialize(TOPIC, serializer.serialize(TOPIC, event));

    // Then
    assertThat(read).isEqualTo(event);
  }

  @Test
  void readsARecordWrittenWithALaterSchema() {
    // Given
    Schema later =
        SchemaBuilder.record("SynthesisCancelled")
            .namespace("dev.utter.events")
            .fields()
            .requiredString("requestId")
            .name("why")
            .type()
            .stringType()
            .stringDefault("")
            .name("cancelledAt")
            .type(SynthesisCancelled.getClassSchema().getField("cancelledAt").schema())
            .noDefault()
            .endRecord();
    GenericData.Record event = new GenericData.Record(later);
    event.put("requestId", "a");
    event.put("why", "no longer needed");
    event.put("cancelledAt", 1000L);
    byte[] data = genericBytes(event);

    // When
    SynthesisCancelled read = deserializer.deserialize(TOPIC, data);

    // Then
    assertThat(read.getRequestId()).isEqualTo("a");
    assertThat(read.getCancelledAt()).isEqualTo(Instant.ofEpochSecond(1));
  }

  @Test
  void aNullValueIsUndecodable() {
    assertUndecodable(null, "null");
  }

  @Test
  void anEmptyValueIsUndecodable() {
    assertUndecodable(new byte[0], "0 bytes");
  }

  @Test
  void bytesThatAreNotAvroAreUndecodable() {
    assertUndecodable("{\"requestId\":\"a\"}".getBytes(StandardCharsets.UTF_8), "magic byte 0x7b");
  }

  @Test
  void anUnknownSchemaIdIsUndecodable() {
    assertUndecodable(
        ByteBuffer.allocate(20).put((byte) 0).putInt(987_654).array(), "schema id 987654");
  }

  @Test
  void anotherKindOfEventIsUndecodable() {
    // Given
    byte[] data =
        serializer.serialize(
            "utter.requests",
            SynthesisRequested.newBuilder()
                .setRequestId("a")
                .setText("Hello.")
                .setRequestedAt(Instant.EPOCH)
                .build());

    // Then
    assertUndecodable(data, "does not read as SynthesisCancelled");
  }

  @Test
  void aTruncatedRecordIsUndecodable() {
    // Given
    byte[] whole = serializer.serialize(TOPIC, cancelled("some-request-id"));

    // Then
    assertUndecodable(Arrays.copyOf(whole, 10), "does not read");
  }

  @Test
  void aNumberThatNeverEndsIsUndecodable() {
    // Given
    byte[] whole = serializer.serialize(TOPIC, cancelled("a"));
    byte[] data = Arrays.copyOf(whole, 30);
    Arrays.fill(data, 5, 30, (byte) 0xff);

    // Then
    assertUndecodable(data, "does not read");
  }

  @Test
  void aLengthOfTwoGigabytesIsRefusedBeforeMemoryIsTaken() {
    // Given
    byte[] whole = serializer.serialize(TOPIC, cancelled("a"));
    byte[] data = Arrays.copyOf(whole, 12);
    byte[] zigZagOf2147483000 = {(byte) 0xf0, (byte) 0xf5, (byte) 0xff, (byte) 0xff, 0x0f};
    System.arraycopy(zigZagOf2147483000, 0, data, 5, 5);

    // Then
    assertUndecodable(data, "does not read");
  }

  @Test
  void aStoppedRegistryIsForLater() {
    // Given
    byte[] data = serializer.serialize(TOPIC, cancelled("a"));
    registry.stop();

    // Then
    assertThatThrownBy(() -> deserializer.deserialize(TOPIC, data))
        .isInstanceOf(RetryLaterException.class)
        .hasMessageContaining("schema registry");
  }

  @Test
  void aSchemaSeenBeforeNeedsNoRegistry() {
    // Given
    byte[] data = serializer.serialize(TOPIC, cancelled("a"));
    deserializer.deserialize(TOPIC, data);
    registry.stop();

    // Then
    assertThat(deserializer.deserialize(TOPIC, data).getRequestId()).isEqualTo("a");
  }

  @Test
  void aRefusedPasswordIsForLater() {
    // Given
    byte[] data = ByteBuffer.allocate(20).put((byte) 0).putInt(1).array();
    EmbeddedSchemaRegistrySettings guarded =
        new EmbeddedSchemaRegistrySettings(
            Optional.empty(), ANY_PORT, Optional.of(new BasicCredentials("user", "right")));

    // Then
    try (EmbeddedSchemaRegistry closed = EmbeddedSchemaRegistry.start(guarded);
        EventDeserializer<SynthesisCancelled> stranger =
            new EventDeserializer<>(
                SynthesisCancelled.class,
                Map.of(
                    "schema.registry.url", closed.url(),
                    "basic.auth.credentials.source", "USER_INFO",
                    "basic.auth.user.info", "user:wrong"))) {
      assertThatThrownBy(() -> stranger.deserialize(TOPIC, data))
          .isInstanceOf(RetryLaterException.class);
    }
  }

  @Test
  void writingWithAStoppedRegistryIsForLater() {
    // Given
    registry.stop();

    // Then
    assertThatThrownBy(() -> serializer.serialize(TOPIC, cancelled("a")))
        .isInstanceOf(RetryLaterException.class);
  }

  private void assertUndecodable(byte[] data, String reason) {
    assertThatThrownBy(() -> deserializer.deserialize(TOPIC, data))
        .isInstanceOf(UndecodableRecordException.class)
        .hasMessageContaining(reason);
  }

  private byte[] genericBytes(GenericData.Record event) {
    try (KafkaAvroSerializer generic = new KafkaAvroSerializer()) {
      generic.configure(properties(), false);
      return generic.serialize(TOPIC, event);
    }
  }

  private Map<String, String> properties() {
    return Map.of("schema.registry.url", registry.url(), "max.retries", "0");
  }

  private static SynthesisCancelled cancelled(String id) {
    return SynthesisCancelled.newBuilder().setRequestId(id).setCancelledAt(Instant.EPOCH).build();
  }
}
