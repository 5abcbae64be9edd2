package dev.utter.embedded.registry;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.utter.embedded.SharedStack;
import dev.utter.events.SynthesisCancelled;
import io.confluent.kafka.schemaregistry.avro.AvroSchema;
import io.confluent.kafka.schemaregistry.client.CachedSchemaRegistryClient;
import io.confluent.kafka.schemaregistry.client.SchemaRegistryClient;
import io.confluent.kafka.schemaregistry.client.rest.exceptions.RestClientException;
import io.confluent.kafka.serializers.KafkaAvroDeserializer;
import io.confluent.kafka.serializers.KafkaAvroSerializer;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.SerializationException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The registry under the client and the serializers it is made for. */
@Tag("integration")
final class SchemaRegistryClientTest {
  private static final Schema PLAIN =
      SchemaBuilder.record("Note").fields().requiredString("text").endRecord();
  private static final Schema WITH_DEFAULT =
      SchemaBuilder.record("Note")
          .fields()
          .requiredString("text")
          .name("author")
          .type()
          .stringType()
          .stringDefault("nobody")
          .endRecord();
  private static final Schema WITHOUT_DEFAULT =
      SchemaBuilder.record("Note")
          .fields()
          .requiredString("text")
          .requiredString("author")
          .endRecord();

  private final String topic = "topic-" + UUID.randomUUID();
  private final String subject = topic + "-value";

  @Test
  void registersOnProduceAndReadsBackASpecificRecord() {
    // Given
    SynthesisCancelled cancelled =
        SynthesisCancelled.newBuilder()
            .setRequestId("a")
            .setCancelledAt(Instant.ofEpochMilli(1_700_000_000_000L))
            .build();
    Map<String, Object> properties = shared();
    properties.put("specific.avro.reader", true);

    // When
    byte[] bytes = serialize(properties, cancelled);

    // Then
    assertThat(bytes[0]).isZero();
    assertThat(deserialize(properties, bytes)).isEqualTo(cancelled);
  }

  @Test
  void givesTheSameIdToTheSameSchemaInEverySubject() throws Exception {
    try (SchemaRegistryClient client = client()) {
      // When
      int first = client.register(subject, new AvroSchema(PLAIN));
      int again = client.register(subject, new AvroSchema(PLAIN));
      int elsewhere = client.register(topic + "-other-value", new AvroSchema(PLAIN));
      int different = client.register(topic + "-third-value", new AvroSchema(WITH_DEFAULT));

      // Then
      assertThat(first).isEqualTo(again).isEqualTo(elsewhere).isNotEqualTo(different);
      assertThat(client.getAllVersions(subject)).containsExactly(1);
      assertThat(client.getAllSubjectsById(first)).contains(subject, topic + "-other-value");
    }
  }

  @Test
  void looksUpWithoutRegisteringWhenToldSo() throws Exception {
    // Given
    Map<String, Object> lookup = shared();
    lookup.put("auto.register.schemas", false);
    GenericRecord note = note(PLAIN, "hello");

    // Then
    assertThatThrownBy(() -> serialize(lookup, note))
        .isInstanceOf(SerializationException.class)
        .cause()
        .isInstanceOfSatisfying(
            RestClientException.class, e -> assertThat(e.getErrorCode()).isEqualTo(40401));

    // When
    try (SchemaRegistryClient client = client()) {
      client.register(subject, new AvroSchema(PLAIN));
    }

    // Then
    assertThat(deserialize(lookup, serialize(lookup, note))).isEqualTo(note);
  }

  @Test
  void refusesASchemaThatCannotReadTheEarlierOne() throws Exception {
    try (SchemaRegistryClient client = client()) {
      // Given
      client.register(subject, new AvroSchema(PLAIN));

      // Then
      assertThat(client.testCompatibility(subject, new AvroSchema(WITHOUT_DEFAULT))).isFalse();
      assertThatThrownBy(() -> client.register(subject, new AvroSchema(WITHOUT_DEFAULT)))
          .isInstanceOfSatisfying(
              RestClientException.class,
              e -> {
                assertThat(e.getStatus()).isEqualTo(409);
                assertThat(e.getErrorCode()).isEqualTo(409);
                assertThat(e.getMessage()).contains("READER_FIELD_MISSING_DEFAULT_VALUE", subject);
              });
      assertThat(client.register(subject, new AvroSchema(WITH_DEFAULT))).isPositive();
      assertThat(client.getAllVersions(subject)).containsExactly(1, 2);
    }
  }

  @Test
  void takesWhatTheSubjectsOwnLevelAllows() throws Exception {
    try (SchemaRegistryClient client = client()) {
      // Given
      client.register(subject, new AvroSchema(PLAIN));

      // When
      client.updateCompatibility(subject, "NONE");

      // Then
      assertThat(client.getCompatibility(subject)).isEqualTo("NONE");
      assertThat(client.register(subject, new AvroSchema(WITHOUT_DEFAULT))).isPositive();
    }
  }

  @Test
  void letsAnOlderReaderReadTheDataOfANewerWriter() {
    // Given
    GenericRecord newer = note(WITH_DEFAULT, "hello");
    newer.put("author", "someone");
    Map<String, Object> properties = shared();
    serialize(properties, note(PLAIN, "older"));

    // When
    byte[] bytes = serialize(properties, newer);

    // Then
    assertThat(deserialize(properties, bytes)).isEqualTo(newer);
  }

  @Test
  void namesAnUnknownIdAsNotFound() {
    // Given
    byte[] unknown = ByteBuffer.allocate(6).put((byte) 0).putInt(999_999).array();

    // Then
    assertThatThrownBy(() -> deserialize(shared(), unknown))
        .isInstanceOf(SerializationException.class)
        .cause()
        .isInstanceOfSatisfying(
            RestClientException.class, e -> assertThat(e.getErrorCode()).isEqualTo(40403));
  }

  @Test
  void doesNotEvenAskAboutPoisonBytes() {
    assertThatThrownBy(() -> deserialize(shared(), "not avro".getBytes(UTF_8)))
        .isInstanceOf(SerializationException.class)
        .hasMessage("Unknown magic byte!");
  }

  @Test
  void deletesSoftlyFirstAndThenForGood() throws Exception {
    try (SchemaRegistryClient client = client()) {
      // Given
      int id = client.register(subject, new AvroSchema(PLAIN));

      // When
      assertThat(client.deleteSubject(subject)).containsExactly(1);

      // Then
      assertThat(client.getAllSubjects()).doesNotContain(subject);
      try (SchemaRegistryClient fresh = client()) {
        assertThat(fresh.getSchemaById(id).canonicalString()).isEqualTo(PLAIN.toString());
      }

      // When
      assertThat(client.deleteSubject(subject, true)).containsExactly(1);

      // Then
      assertThatThrownBy(() -> client.deleteSubject(subject, true))
          .isInstanceOfSatisfying(
              RestClientException.class, e -> assertThat(e.getErrorCode()).isEqualTo(40401));
    }
  }

  @Test
  void letsOnlyThoseInWhoKnowThePassword() {
    EmbeddedSchemaRegistrySettings guarded =
        new EmbeddedSchemaRegistrySettings(
            Optional.empty(), 0, Optional.of(new BasicCredentials("utter", "hush")));
    try (EmbeddedSchemaRegistry registry = EmbeddedSchemaRegistry.start(guarded)) {
      GenericRecord note = note(PLAIN, "hello");
      Map<String, Object> anonymous = at(registry.url());
      Map<String, Object> wrong = withUser(registry.url(), "utter:wrong");
      Map<String, Object> right = withUser(registry.url(), "utter:hush");

      assertThatThrownBy(() -> serialize(anonymous, note))
          .isInstanceOf(AuthenticationException.class);
      assertThatThrownBy(() -> serialize(wrong, note)).isInstanceOf(AuthenticationException.class);
      assertThat(deserialize(right, serialize(right, note))).isEqualTo(note);
    }
  }

  @Test
  void findsItsContentInTheFileOfAnEarlierRegistry(@TempDir Path folder) throws Exception {
    // Given
    EmbeddedSchemaRegistrySettings settings =
        EmbeddedSchemaRegistrySettings.in(folder.resolve("registry.json"));
    int id;
    try (EmbeddedSchemaRegistry earlier = EmbeddedSchemaRegistry.start(settings);
        SchemaRegistryClient client = new CachedSchemaRegistryClient(earlier.url(), 10)) {
      id = client.register(subject, new AvroSchema(PLAIN));
      client.updateCompatibility(null, "FULL");
    }

    // When
    try (EmbeddedSchemaRegistry later = EmbeddedSchemaRegistry.start(settings);
        SchemaRegistryClient client = new CachedSchemaRegistryClient(later.url(), 10)) {
      // Then
      assertThat(client.getSchemaById(id).canonicalString()).isEqualTo(PLAIN.toString());
      assertThat(client.getCompatibility(null)).isEqualTo("FULL");
      assertThat(client.register(subject, new AvroSchema(PLAIN))).isEqualTo(id);
      assertThat(client.register("other-value", new AvroSchema(WITH_DEFAULT))).isEqualTo(id + 1);
    }
  }

  @Test
  void keepsContentAndPortOverAStop() throws Exception {
    try (EmbeddedSchemaRegistry registry =
        EmbeddedSchemaRegistry.start(EmbeddedSchemaRegistrySettings.temporary())) {
      // Given
      int id;
      try (SchemaRegistryClient client = new CachedSchemaRegistryClient(registry.url(), 10)) {
        id = client.register(subject, new AvroSchema(PLAIN));
      }

      // When
      registry.stop();
      registry.start();

      // Then
      try (SchemaRegistryClient client = new CachedSchemaRegistryClient(registry.url(), 10)) {
        assertThat(client.getSchemaById(id).canonicalString()).isEqualTo(PLAIN.toString());
      }
    }
  }

  private static SchemaRegistryClient client() {
    return new CachedSchemaRegistryClient(SharedStack.get().schemaRegistryUrl(), 10);
  }

  private static Map<String, Object> shared() {
    return at(SharedStack.get().schemaRegistryUrl());
  }

  private static Map<String, Object> at(String url) {
    return new HashMap<>(Map.of("schema.registry.url", url));
  }

  private static Map<String, Object> withUser(String url, String user) {
    Map<String, Object> properties = at(url);
    properties.put("basic.auth.credentials.source", "USER_INFO");
    properties.put("basic.auth.user.info", user);
    return properties;
  }

  private static GenericRecord note(Schema schema, String text) {
    GenericRecord note = new GenericData.Record(schema);
    note.put("text", text);
    return note;
  }

  private byte[] serialize(Map<String, Object> properties, Object record) {
    try (KafkaAvroSerializer serializer = new KafkaAvroSerializer()) {
      serializer.configure(properties, false);
      return serializer.serialize(topic, record);
    }
  }

  private Object deserialize(Map<String, Object> properties, byte[] bytes) {
    Map<String, Object> all = new HashMap<>(properties);
    all.put("avro.use.logical.type.converters", true);
    try (KafkaAvroDeserializer deserializer = new KafkaAvroDeserializer()) {
      deserializer.configure(all, false);
      return deserializer.deserialize(topic, bytes);
    }
  }
}
