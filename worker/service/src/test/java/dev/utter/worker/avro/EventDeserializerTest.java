package dev.utter.worker.avro;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.utter.embedded.registry.BasicCredentials;
import dev.utter.embedded.registry.EmbeddedSchemaRegistry;
import dev.utter.embedded.registry.EmbeddedSchemaRegistrySettings;
import dev.utter.events.SynthesisCancelled;
import dev.utter.events.SynthesisRequested;
import dev.utter.events.Topics;
import dev.utter.worker.failure.RetryLaterException;
import io.confluent.kafka.schemaregistry.avro.AvroSchema;
import io.confluent.kafka.schemaregistry.client.CachedSchemaRegistryClient;
import io.confluent.kafka.schemaregistry.client.SchemaRegistryClient;
import io.confluent.kafka.schemaregistry.client.rest.exceptions.RestClientException;
import io.confluent.kafka.serializers.KafkaAvroSerializer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericData;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class EventDeserializerTest {
  private static final String TOPIC = "utter.cancellations";
  private static final int ANY_PORT = 0;

  private final AtomicLong nanos = new AtomicLong();
  private EmbeddedSchemaRegistry registry;
  private EventSerializer serializer;
  private EventDeserializer<SynthesisCancelled> deserializer;

  @BeforeEach
  void start() {
    registry = EmbeddedSchemaRegistry.start(EmbeddedSchemaRegistrySettings.temporary());
    serializer = new EventSerializer(properties());
    deserializer = new EventDeserializer<>(SynthesisCancelled.class, properties(), nanos::get);
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
  void anUnknownSchemaIdIsAskedForAgainForHalfAMinute() {
    // Given
    byte[] data = ByteBuffer.allocate(20).put((byte) 0).putInt(987_654).array();

    // Then
    assertForLater(data, "schema id 987654");
    nanos.addAndGet(Duration.ofSeconds(29).toNanos());
    assertForLater(data, "schema id 987654");
    nanos.addAndGet(Duration.ofSeconds(2).toNanos());
    assertUndecodable(data, "schema id 987654");
  }

  @Test
  void aSchemaThatComesToTheRegistryLateIsReadThen() {
    // Given
    byte[] data = serializer.serialize(TOPIC, cancelled("a"));
    byte[] early = data.clone();
    ByteBuffer.wrap(early).putInt(1, ByteBuffer.wrap(data).getInt(1) + 1);
    assertForLater(early, "not in the registry yet");

    // When
    serializer.serialize(
        Topics.REQUESTS,
        SynthesisRequested.newBuilder()
            .setRequestId("a")
            .setText("Hello.")
            .setRequestedAt(Instant.EPOCH)
            .build());

    // Then
    assertUndecodable(early, "does not read as SynthesisCancelled");
  }

  @Test
  void aSchemaIdInAHeaderIsRead() {
    // Given
    byte[] whole = serializer.serialize(TOPIC, cancelled("a"));
    byte[] header = Arrays.copyOf(whole, 5);

    // When
    SynthesisCancelled read =
        deserializer.deserialize(
            TOPIC, headers(header), Arrays.copyOfRange(whole, 5, whole.length));

    // Then
    assertThat(read).isEqualTo(cancelled("a"));
  }

  @Test
  void aSchemaGuidInAHeaderIsRead() {
    // Given
    byte[] whole = serializer.serialize(TOPIC, cancelled("a"));

    // When
    SynthesisCancelled read =
        deserializer.deserialize(
            TOPIC, headers(guid(registered())), Arrays.copyOfRange(whole, 5, whole.length));

    // Then
    assertThat(read).isEqualTo(cancelled("a"));
  }

  @Test
  void aGuidIsLookedUpWithTheWorkersPassword() throws Exception {
    // Given
    EmbeddedSchemaRegistrySettings guarded =
        new EmbeddedSchemaRegistrySettings(
            Optional.empty(), ANY_PORT, Optional.of(new BasicCredentials("user", "right")));
    try (EmbeddedSchemaRegistry closed = EmbeddedSchemaRegistry.start(guarded)) {
      Map<String, String> user =
          Map.of(
              "schema.registry.url", closed.url(),
              "basic.auth.credentials.source", "USER_INFO",
              "basic.auth.user.info", "user:right");
      try (EventSerializer writer = new EventSerializer(user);
          EventDeserializer<SynthesisCancelled> reader =
              new EventDeserializer<>(SynthesisCancelled.class, user);
          SchemaRegistryClient client = new CachedSchemaRegistryClient(closed.url(), 10, user)) {
        byte[] whole = writer.serialize(TOPIC, cancelled("a"));
        String schema = client.getLatestSchemaMetadata(TOPIC + "-value").getSchema();

        // When
        SynthesisCancelled read =
            reader.deserialize(
                TOPIC, headers(guid(schema)), Arrays.copyOfRange(whole, 5, whole.length));

        // Then
        assertThat(read).isEqualTo(cancelled("a"));
      }
    }
  }

  @Test
  void anUnknownGuidIsAskedForAgainForHalfAMinute() {
    // Given
    RecordHeaders headers = headers(guid("nobody registered this"));

    // Then
    assertThatThrownBy(() -> deserializer.deserialize(TOPIC, headers, new byte[20]))
        .isInstanceOf(RetryLaterException.class)
        .hasMessageContaining("schema GUID");
    nanos.addAndGet(Duration.ofSeconds(31).toNanos());
    assertThatThrownBy(() -> deserializer.deserialize(TOPIC, headers, new byte[20]))
        .isInstanceOf(UndecodableRecordException.class)
        .hasMessageContaining("__value_schema_id");
  }

  @Test
  void aHeaderOfAnotherFormIsUndecodable() {
    assertThatThrownBy(
            () -> deserializer.deserialize(TOPIC, headers(new byte[] {1, 2, 3}), new byte[20]))
        .isInstanceOf(UndecodableRecordException.class)
        .hasMessageContaining("__value_schema_id of 3 bytes");
  }

  static Stream<Arguments> refusedSchemas() {
    String self = "{'type':'record','name':'N','fields':[{'name':'n','type':['null','N']}]}";
    String empty = "{'type':'record','name':'E','fields':[]}";
    return Stream.of(
        Arguments.of(self, "record dev.utter.events.N contains itself"),
        Arguments.of("{'type':'array','items':'null'}", "an array of null"),
        Arguments.of("{'type':'map','values':%s}".formatted(empty), "a map of record"),
        Arguments.of(
            "{'type':'enum','name':'L','symbols':[%s]}".formatted(symbols()), "characters"));
  }

  @ParameterizedTest
  @MethodSource("refusedSchemas")
  void aRecordOfARefusedSchemaIsUndecodableAndNamesTheRule(String junk, String rule)
      throws IOException {
    // Given
    byte[] data = withJunk(junk, encoder -> {});

    // Then
    assertUndecodable(data, "is refused: ");
    assertUndecodable(data, rule);
  }

  @Test
  void aSchemaThatWasRefusedIsNotAskedForAgain() throws IOException {
    // Given
    byte[] data = withJunk("{'type':'array','items':'null'}", encoder -> {});
    assertUndecodable(data, "is refused");

    // When
    registry.stop();

    // Then
    assertUndecodable(data, "is refused");
  }

  @Test
  void aSchemaThatAGuidNamesIsRefusedByTheSameRules() throws IOException {
    // Given
    String junk = "{'type':'array','items':'null'}";
    withJunk(junk, encoder -> {});
    RecordHeaders headers = headers(guid(writer(junk).toString()));

    // Then
    assertThatThrownBy(() -> deserializer.deserialize(TOPIC, headers, new byte[20]))
        .isInstanceOf(UndecodableRecordException.class)
        .hasMessageContaining("an array of null");
  }

  static Stream<Content> costlySkips() {
    return Stream.of(
        encoder -> encoder.writeLong(Long.MAX_VALUE),
        encoder -> encoder.writeLong(1 << 20),
        encoder -> {
          // A block that claims to be before itself.
          encoder.writeLong(-1);
          encoder.writeLong(-2);
        },
        encoder -> {
          for (int i = 0; i < 200_000; i++) {
            encoder.writeLong(-1_000_000);
            encoder.writeLong(0);
          }
        });
  }

  @ParameterizedTest
  @MethodSource("costlySkips")
  @Timeout(60)
  void skippedFieldsCostNoMoreThanTheirBytes(Content content) throws IOException {
    // Given
    String junk = "{'type':'array','items':{'type':'array','items':'boolean'}}";

    // Then
    assertUndecodable(withJunk(junk, content), "does not read");
  }

  @Test
  void aProducerMayHaveMoreFieldsThanTheWorkerKnows() throws IOException {
    // Given
    String junk =
        "{'type':'map','values':['null',{'type':'record','name':'More','fields':"
            + "[{'name':'a','type':{'type':'array','items':'long'}}]}]}";

    // When
    byte[] data =
        withJunk(
            junk,
            encoder -> {
              encoder.writeLong(1);
              encoder.writeString("key");
              encoder.writeIndex(1);
              encoder.writeLong(2);
              encoder.writeLong(7);
              encoder.writeLong(8);
              encoder.writeLong(0);
              encoder.writeLong(0);
            });

    // Then
    assertThat(deserializer.deserialize(TOPIC, data).getRequestId()).isEqualTo("a");
  }

  @Test
  void aRecordThatOverflowsTheStackIsUndecodable() {
    // Given
    Schema recursive =
        writer("{'type':'record','name':'N','fields':[{'name':'n','type':['null','N']}]}");
    byte[] nested = new byte[500_000];
    Arrays.fill(nested, (byte) 2);
    SchemaReference reference = new SchemaReference(7, Optional.empty(), 0);

    // Then
    assertThatThrownBy(() -> deserializer.decode(recursive, reference, nested))
        .isInstanceOf(UndecodableRecordException.class)
        .hasMessageContaining("StackOverflowError");
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
  void aNumberWithoutAnEndIsUndecodable() {
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
  void anIdThatTheRegistryRefusesToGiveIsUndecodableAfterHalfAMinute() throws IOException {
    // Given
    byte[] data = ByteBuffer.allocate(20).put((byte) 0).putInt(999).array();
    try (RegistryInFront front = new RegistryInFront(registry.url());
        EventDeserializer<SynthesisCancelled> reader = behind(front)) {
      front.answer("GET", "/schemas/ids/999", 403, 40301);

      // Then
      assertThatThrownBy(() -> reader.deserialize(TOPIC, data))
          .isInstanceOf(RetryLaterException.class)
          .hasMessageContaining("schema id 999");
      nanos.addAndGet(Duration.ofSeconds(31).toNanos());
      assertThatThrownBy(() -> reader.deserialize(TOPIC, data))
          .isInstanceOf(UndecodableRecordException.class)
          .hasMessageContaining("refuses to give schema id 999");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"schemaType\": \"JSON\", \"schema\": \"{}\"}",
        "{\"schemaType\": \"PROTOBUF\", \"schema\": \"syntax = 'proto3';\"}",
        "{\"schemaType\": \"none that exists\", \"schema\": \"\"}",
        "{\"schema\": \"no schema at all\"}"
      })
  void aSchemaOfAnotherKindIsUndecodableAtOnce(String answer) throws IOException {
    // Given
    byte[] data = ByteBuffer.allocate(20).put((byte) 0).putInt(999).array();
    try (RegistryInFront front = new RegistryInFront(registry.url());
        EventDeserializer<SynthesisCancelled> reader = behind(front)) {
      front.answer("GET", "/schemas/ids/999", answer);

      // Then
      assertThatThrownBy(() -> reader.deserialize(TOPIC, data))
          .isInstanceOf(UndecodableRecordException.class)
          .hasMessageContaining("schema id 999 is no usable Avro schema");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"{}", "[]", "{\"schema\": null}", "no JSON"})
  void anIdWithAnUnusableSchemaIsUndecodableAfterHalfAMinute(String answer) throws IOException {
    // Given
    byte[] data = ByteBuffer.allocate(20).put((byte) 0).putInt(999).array();
    try (RegistryInFront front = new RegistryInFront(registry.url());
        EventDeserializer<SynthesisCancelled> reader = behind(front)) {
      front.answer("GET", "/schemas/ids/999", answer);

      // When
      assertThatThrownBy(() -> reader.deserialize(TOPIC, data))
          .isInstanceOfAny(RetryLaterException.class, UndecodableRecordException.class);
      nanos.addAndGet(Duration.ofSeconds(31).toNanos());

      // Then
      assertThatThrownBy(() -> reader.deserialize(TOPIC, data))
          .isInstanceOf(UndecodableRecordException.class);
    }
  }

  @Test
  void aRegistryThatRefusesEverythingIsForLaterWithoutALimit() throws IOException {
    // Given
    byte[] data = serializer.serialize(TOPIC, cancelled("a"));
    try (RegistryInFront front = new RegistryInFront(registry.url());
        EventDeserializer<SynthesisCancelled> reader = behind(front)) {
      front.answer("GET", "/", 403, 40301);

      // Then
      for (int minute = 0; minute < 3; minute++) {
        assertThatThrownBy(() -> reader.deserialize(TOPIC, data))
            .isInstanceOf(RetryLaterException.class);
        nanos.addAndGet(Duration.ofMinutes(1).toNanos());
      }
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

  private EventDeserializer<SynthesisCancelled> behind(RegistryInFront front) {
    return new EventDeserializer<>(
        SynthesisCancelled.class, Map.of("schema.registry.url", front.url()), nanos::get);
  }

  private interface Content {
    void write(BinaryEncoder encoder) throws IOException;
  }

  /** A record of a writer whose schema has one more field than the event's, before the others. */
  private byte[] withJunk(String junk, Content content) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.write(0);
    bytes.writeBytes(ByteBuffer.allocate(4).putInt(register(writer(junk))).array());
    BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(bytes, null);
    content.write(encoder);
    encoder.writeString("a");
    encoder.writeLong(0);
    encoder.flush();
    return bytes.toByteArray();
  }

  private static Schema writer(String junk) {
    return new Schema.Parser()
        .parse(
            """
            {'type': 'record', 'name': 'SynthesisCancelled', 'namespace': 'dev.utter.events',
             'fields': [
              {'name': 'junk', 'type': %s},
              {'name': 'requestId', 'type': 'string'},
              {'name': 'cancelledAt', 'type': {'type': 'long', 'logicalType': 'timestamp-millis'}}]}
            """
                .formatted(junk)
                .replace('\'', '"'));
  }

  private static String symbols() {
    return IntStream.range(0, 10_000)
        .mapToObj(i -> "'symbol" + i + "'")
        .collect(Collectors.joining(","));
  }

  private int register(Schema schema) {
    try (SchemaRegistryClient client = new CachedSchemaRegistryClient(registry.url(), 10)) {
      return client.register("somewhere-else", new AvroSchema(schema));
    } catch (IOException | RestClientException e) {
      throw new AssertionError(e);
    }
  }

  /** The text of the one schema that the serializer registered. */
  private String registered() {
    try (SchemaRegistryClient client = new CachedSchemaRegistryClient(registry.url(), 10)) {
      return client.getLatestSchemaMetadata(TOPIC + "-value").getSchema();
    } catch (IOException | RestClientException e) {
      throw new AssertionError(e);
    }
  }

  private static byte[] guid(String schema) {
    UUID guid = UUID.nameUUIDFromBytes(schema.getBytes(StandardCharsets.UTF_8));
    return ByteBuffer.allocate(17)
        .put((byte) 1)
        .putLong(guid.getMostSignificantBits())
        .putLong(guid.getLeastSignificantBits())
        .array();
  }

  private static RecordHeaders headers(byte[] schemaId) {
    RecordHeaders headers = new RecordHeaders();
    headers.add("__value_schema_id", schemaId);
    return headers;
  }

  private void assertForLater(byte[] data, String reason) {
    assertThatThrownBy(() -> deserializer.deserialize(TOPIC, data))
        .isInstanceOf(RetryLaterException.class)
        .hasMessageContaining(reason);
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
