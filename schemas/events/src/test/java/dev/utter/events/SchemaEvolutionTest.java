package dev.utter.events;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.SchemaFormatter;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificDatumWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Events are the contract. Every version that was ever published is under {@code
 * src/test/resources/published/vN}. A changed schema is added to the next folder. A change of doc
 * strings alone needs no new version.
 */
final class SchemaEvolutionTest {
  static List<String> events() throws IOException {
    return EventSchemas.events();
  }

  @ParameterizedTest
  @MethodSource("events")
  void theNewestPublishedVersionIsTheCurrentSchema(String event) throws Exception {
    // Given
    Schema current = EventSchemas.current(event);
    List<Schema> published = EventSchemas.published(event);

    // Then
    assertThat(published)
        .as(
            "%s was changed or added: if that is meant, publish it as %s/%s.avsc:%n%s",
            event, EventSchemas.nextFolder(), event, SchemaFormatter.format("json/pretty", current))
        .isNotEmpty()
        .last()
        .isEqualTo(current);
  }

  @ParameterizedTest
  @MethodSource("events")
  void theCurrentSchemaReadsEveryPublishedVersion(String event) throws Exception {
    assertThat(
            TransitiveCompatibility.backwardProblems(
                EventSchemas.current(event), EventSchemas.published(event)))
        .isEmpty();
  }

  /**
   * Consumers of outputs cannot be upgraded before the workers, and old workers read new status
   * rows.
   */
  static List<String> eventsOfWorkers() throws IOException {
    Set<String> ofCallers =
        Set.of("SynthesisRequested", "SynthesisCancelled", "VerificationRequested");
    return EventSchemas.events().stream().filter(event -> !ofCallers.contains(event)).toList();
  }

  @ParameterizedTest
  @MethodSource("eventsOfWorkers")
  void everyPublishedVersionReadsWhatWorkersWriteNow(String event) throws Exception {
    assertThat(
            TransitiveCompatibility.forwardProblems(
                EventSchemas.current(event), EventSchemas.published(event)))
        .isEmpty();
  }

  @Test
  void theCheckFindsAFieldThatWasRemovedFromAnOutput() throws Exception {
    // Given
    Schema published = EventSchemas.current("SynthesisFailed");
    Schema without =
        Schema.createRecord(
            published.getName(),
            null,
            published.getNamespace(),
            false,
            published.getFields().stream()
                .filter(field -> !field.name().equals("message"))
                .map(field -> new Schema.Field(field, field.schema()))
                .toList());

    // Then
    assertThat(TransitiveCompatibility.backwardProblems(without, List.of(published))).isEmpty();
    assertThat(TransitiveCompatibility.forwardProblems(without, List.of(published)))
        .singleElement()
        .asString()
        .contains("message");
  }

  @Test
  void noPublishedEventIsRemoved() throws Exception {
    assertThat(EventSchemas.events()).containsAll(EventSchemas.everPublished());
  }

  @ParameterizedTest
  @EnumSource(names = {"SILENCE", "RUNAWAY"})
  void aConsumerOfTheFirstVersionReadsALaterFinishReasonAsUnknown(FinishReason later)
      throws Exception {
    // Given
    Schema first =
        EventSchemas.published("SynthesisCompleted").get(0).getField("finishReason").schema();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(bytes, null);
    new SpecificDatumWriter<FinishReason>(FinishReason.getClassSchema()).write(later, encoder);
    encoder.flush();

    // When
    Object read =
        new GenericDatumReader<>(FinishReason.getClassSchema(), first)
            .read(null, DecoderFactory.get().binaryDecoder(bytes.toByteArray(), null));

    // Then
    assertThat(read).hasToString("UNKNOWN");
  }

  @ParameterizedTest
  @EnumSource(names = {"OBJECT_UNREADABLE", "KEY_UNKNOWN", "RATE_LIMITED"})
  void aConsumerOfTheFirstVersionReadsALaterVerdictAsUnknown(Verdict later) throws Exception {
    // Given
    Schema first = EventSchemas.published("WatermarkVerified").get(0).getField("verdict").schema();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(bytes, null);
    new SpecificDatumWriter<Verdict>(Verdict.getClassSchema()).write(later, encoder);
    encoder.flush();

    // When
    Object read =
        new GenericDatumReader<>(Verdict.getClassSchema(), first)
            .read(null, DecoderFactory.get().binaryDecoder(bytes.toByteArray(), null));

    // Then
    assertThat(read).hasToString("UNKNOWN");
  }

  @Test
  void theCheckFindsARequiredFieldThatWasAdded() {
    // Given
    Schema first = SchemaBuilder.record("Note").fields().requiredString("text").endRecord();
    Schema second =
        SchemaBuilder.record("Note")
            .fields()
            .requiredString("text")
            .requiredLong("writtenAt")
            .endRecord();

    // Then
    assertThat(TransitiveCompatibility.backwardProblems(second, List.of(first)))
        .singleElement()
        .asString()
        .contains("READER_FIELD_MISSING_DEFAULT_VALUE", "writtenAt");
  }

  @Test
  void theCheckFindsASymbolRemovedFromAnEnumOfARealEvent() throws Exception {
    // Given
    Schema published = EventSchemas.current("SynthesisRequested");
    Schema narrowed =
        new Schema.Parser()
            .parse(
                published
                    .toString()
                    .replace("\"BULK\",\"UNKNOWN\"],\"default\":\"UNKNOWN\"", "\"OTHER\"]")
                    .replace("\"default\":\"NORMAL\"", "\"default\":\"OTHER\""));

    // Then
    assertThat(TransitiveCompatibility.backwardProblems(narrowed, List.of(published)))
        .singleElement()
        .asString()
        .contains("MISSING_ENUM_SYMBOLS", "BULK");
  }

  @Test
  void theCheckLooksPastTheVersionBeforeTheNewest() {
    // Given: each version reads the one before it, but the third not the first
    Schema first = SchemaBuilder.record("Note").fields().endRecord();
    Schema second =
        SchemaBuilder.record("Note")
            .fields()
            .name("text")
            .type()
            .stringType()
            .stringDefault("")
            .endRecord();
    Schema third = SchemaBuilder.record("Note").fields().requiredString("text").endRecord();

    // Then
    assertThat(TransitiveCompatibility.backwardProblems(third, List.of(second))).isEmpty();
    assertThat(TransitiveCompatibility.backwardProblems(third, List.of(first, second)))
        .isNotEmpty();
  }
}
