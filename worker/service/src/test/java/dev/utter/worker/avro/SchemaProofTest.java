package dev.utter.worker.avro;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.utter.embedded.registry.BasicCredentials;
import dev.utter.embedded.registry.EmbeddedSchemaRegistry;
import dev.utter.embedded.registry.EmbeddedSchemaRegistrySettings;
import dev.utter.events.FailureCode;
import dev.utter.events.RequestStatus;
import dev.utter.events.SynthesisCompleted;
import dev.utter.events.SynthesisFailed;
import dev.utter.events.SynthesisStarted;
import dev.utter.events.Topics;
import dev.utter.events.WatermarkVerified;
import dev.utter.worker.avro.SchemaProof.Failure;
import dev.utter.worker.avro.SchemaProof.Kind;
import dev.utter.worker.avro.SchemaProof.Written;
import io.confluent.kafka.schemaregistry.avro.AvroSchema;
import io.confluent.kafka.schemaregistry.client.CachedSchemaRegistryClient;
import io.confluent.kafka.schemaregistry.client.SchemaRegistryClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SchemaProofTest {
  private static final List<Written> ALL =
      List.of(
          new Written(Topics.FAILED, SynthesisFailed.getClassSchema()),
          new Written(Topics.STARTED, SynthesisStarted.getClassSchema()),
          new Written(Topics.COMPLETED, SynthesisCompleted.getClassSchema()),
          new Written(Topics.VERIFIED, WatermarkVerified.getClassSchema()),
          new Written(Topics.STATUS, RequestStatus.getClassSchema()));
  private static final Written STATUS = ALL.get(4);

  private static final SynthesisFailed FAILED =
      SynthesisFailed.newBuilder()
          .setEventId(new UUID(1, 2))
          .setRequestId("a")
          .setCode(FailureCode.CANCELLED)
          .setMessage("no longer wanted")
          .setAttempt(0)
          .setFailedAt(Instant.EPOCH)
          .build();

  private EmbeddedSchemaRegistry registry;
  private SchemaRegistryClient pipeline;

  @BeforeEach
  void start() {
    registry = EmbeddedSchemaRegistry.start(EmbeddedSchemaRegistrySettings.temporary());
    pipeline = new CachedSchemaRegistryClient(registry.url(), 100);
  }

  @AfterEach
  void stop() throws IOException {
    pipeline.close();
    registry.close();
  }

  @Test
  void anEmptyRegistryGetsTheSchemasAsTheyArePublished() throws Exception {
    // When
    assertThat(prove(Map.of())).isEmpty();

    // Then
    assertThat(pipeline.getAllSubjects()).hasSize(ALL.size());
    assertThat(pipeline.getLatestSchemaMetadata(STATUS.topic() + "-value").getSchema())
        .doesNotContain("avro.java.string");
  }

  @Test
  void schemasThatAPipelineRegisteredAreFoundWithoutRegistering() throws Exception {
    // Given
    for (Written written : ALL) {
      register(written.topic(), published(written.schema()));
    }

    // Then
    assertThat(prove(Map.of("auto.register.schemas", "false"))).isEmpty();
    assertThat(pipeline.getAllVersions(STATUS.topic() + "-value")).containsExactly(1);
  }

  @Test
  void schemasOfEarlierVersionsOfUtterAreFoundInAReadOnlyRegistry() throws Exception {
    // Given
    for (Written written : ALL) {
      register(written.topic(), written.schema());
    }
    pipeline.setMode("READONLY");

    // Then
    assertThat(prove(Map.of())).isEmpty();
    assertThat(pipeline.getAllVersions(STATUS.topic() + "-value")).containsExactly(1);
  }

  @Test
  void plainSchemasAreFoundInAReadOnlyRegistryAndWrittenWith() throws Exception {
    // Given
    int id = register(Topics.FAILED, published(SynthesisFailed.getClassSchema()));
    pipeline.setMode("READONLY");

    // When
    byte[] data;
    try (EventSerializer serializer = new EventSerializer(properties(Map.of()))) {
      data = serializer.serialize(Topics.FAILED, FAILED);
    }

    // Then
    assertThat(data).startsWith(0, 0, 0, 0, id);
    try (EventDeserializer<SynthesisFailed> reader =
        new EventDeserializer<>(SynthesisFailed.class, properties(Map.of()))) {
      assertThat(reader.deserialize(Topics.FAILED, data)).isEqualTo(FAILED);
    }
  }

  @Test
  void aReadOnlyRegistryWithoutTheSchemasIsNamed() throws Exception {
    // Given
    pipeline.setMode("READONLY");

    // Then
    assertThat(prove(Map.of()))
        .hasSize(ALL.size())
        .allSatisfy(
            failure -> {
              assertThat(failure.kind()).isEqualTo(Kind.MISCONFIGURED);
              assertThat(failure.message())
                  .contains("read-only", failure.topic() + "-value", "make the registry writable");
            });
  }

  @Test
  void whatIsNotRegisteredAndMayNotBeIsNamed() {
    assertThat(prove(Map.of("auto.register.schemas", "false")))
        .hasSize(ALL.size())
        .allSatisfy(
            failure -> {
              assertThat(failure.kind()).isEqualTo(Kind.MISCONFIGURED);
              assertThat(failure.message())
                  .contains(failure.topic() + "-value", "register it", "auto.register.schemas");
            });
  }

  @Test
  void anotherSystemsSchemaInASubjectIsNamedAndTheOthersAreProved() throws Exception {
    // Given
    register(
        STATUS.topic(),
        SchemaBuilder.record("Other").fields().requiredString("something").endRecord());

    // Then
    assertThat(prove(Map.of()))
        .singleElement()
        .satisfies(
            failure -> {
              assertThat(failure.kind()).isEqualTo(Kind.MISCONFIGURED);
              assertThat(failure.topic()).isEqualTo(STATUS.topic());
              assertThat(failure.message()).contains("not compatible", "delete that version");
            });
  }

  @Test
  void aRightToReadAloneIsNamed() throws Exception {
    try (RegistryInFront front = new RegistryInFront(registry.url())) {
      // Given
      front.answer("POST", "/subjects/" + STATUS.topic() + "-value/versions", 403, 40301);

      // Then
      assertThat(new SchemaProof(Map.of("schema.registry.url", front.url())).prove(ALL))
          .singleElement()
          .satisfies(
              failure -> {
                assertThat(failure.kind()).isEqualTo(Kind.MISCONFIGURED);
                assertThat(failure.message()).contains("the right to read and write", "40301");
              });
    }
  }

  @Test
  void aWrongPasswordIsNamed() {
    EmbeddedSchemaRegistrySettings guarded =
        new EmbeddedSchemaRegistrySettings(
            Optional.empty(), 0, Optional.of(new BasicCredentials("user", "right")));
    try (EmbeddedSchemaRegistry closed = EmbeddedSchemaRegistry.start(guarded)) {
      assertThat(
              new SchemaProof(
                      Map.of(
                          "schema.registry.url", closed.url(),
                          "basic.auth.credentials.source", "USER_INFO",
                          "basic.auth.user.info", "user:wrong"))
                  .prove(ALL))
          .hasSize(ALL.size())
          .allSatisfy(
              failure -> {
                assertThat(failure.kind()).isEqualTo(Kind.MISCONFIGURED);
                assertThat(failure.message())
                    .contains("basic.auth.user.info")
                    .doesNotContain("wrong");
              });
    }
  }

  @Test
  void aRegistryThatIsAwayIsNamedOnceAndProvedWhenItIsBack() {
    // Given
    registry.stop();
    SchemaProof proof = new SchemaProof(properties(Map.of()));

    // Then
    assertThat(proof.prove(ALL))
        .singleElement()
        .satisfies(
            failure -> {
              assertThat(failure.kind()).isEqualTo(Kind.UNAVAILABLE);
              assertThat(failure.message()).contains(registry.url());
            });

    // When
    registry.start();

    // Then
    assertThat(proof.prove(ALL)).isEmpty();
  }

  @Test
  void confluentsRegistryForTestsServesToo() {
    assertThat(new SchemaProof(Map.of("schema.registry.url", "mock://proof")).prove(ALL)).isEmpty();
  }

  @Test
  void theLatestVersionIsUsedIfItIsTheEventsSchema() throws Exception {
    // Given
    register(Topics.STATUS, published(STATUS.schema()));
    register(Topics.FAILED, SchemaBuilder.record("Other").fields().requiredString("x").endRecord());

    // When
    List<Failure> failures =
        new SchemaProof(properties(Map.of("use.latest.version", "true")))
            .prove(List.of(STATUS, ALL.get(0)));

    // Then
    assertThat(failures)
        .singleElement()
        .satisfies(failure -> assertThat(failure.message()).contains("use.latest.version"));
  }

  @Test
  void anEventWaitsWhileTheRegistryRefusesItsSchemaAndIsWrittenThen() throws Exception {
    // Given
    pipeline.setMode("READONLY");
    try (EventSerializer serializer = new EventSerializer(properties(Map.of()))) {
      assertThatThrownBy(() -> serializer.serialize(Topics.FAILED, FAILED))
          .isInstanceOf(RegistryRefusalException.class)
          .hasMessageContaining("read-only");

      // When
      pipeline.setMode("READWRITE");

      // Then
      assertThat(serializer.serialize(Topics.FAILED, FAILED)).isNotEmpty();
    }
  }

  private List<Failure> prove(Map<String, String> properties) {
    return new SchemaProof(properties(properties)).prove(ALL);
  }

  private Map<String, String> properties(Map<String, String> more) {
    Map<String, String> all = new HashMap<>(more);
    all.put("schema.registry.url", registry.url());
    all.put("max.retries", "0");
    return all;
  }

  /** The newest file of this event that was published, as a pipeline registers it. */
  private static Schema published(Schema current) throws IOException {
    Path folder =
        Path.of(System.getProperty("utter.home"), "schemas/events/src/test/resources/published");
    String name = current.getName() + ".avsc";
    Path newest = null;
    for (int version = 1; Files.isDirectory(folder.resolve("v" + version)); version++) {
      Path file = folder.resolve("v" + version).resolve(name);
      newest = Files.exists(file) ? file : newest;
    }
    return new Schema.Parser().parse(Files.readString(newest));
  }

  private int register(String topic, Schema schema) throws Exception {
    return pipeline.register(topic + "-value", new AvroSchema(schema));
  }
}
