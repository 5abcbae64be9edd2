package dev.utter.events;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Rules that every schema follows. */
final class SchemaStyleTest {
  static List<String> events() throws IOException {
    return EventSchemas.events();
  }

  @ParameterizedTest
  @MethodSource("events")
  void everyTypeAndFieldHasADoc(String event) throws Exception {
    for (Schema type : namedTypes(event)) {
      assertThat(type.getDoc()).as(type.getFullName()).isNotBlank();
      if (type.getType() == Schema.Type.RECORD) {
        assertThat(type.getFields())
            .allSatisfy(
                field ->
                    assertThat(field.doc())
                        .as(type.getFullName() + "." + field.name())
                        .isNotBlank());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("events")
  void timesAndEventIdsCarryTheirLogicalType(String event) throws Exception {
    for (Schema.Field field : fields(event)) {
      Schema type = withoutNull(field.schema());
      if (field.name().endsWith("At") || field.name().equals("deadline")) {
        assertThat(type.getLogicalType())
            .as(event + "." + field.name())
            .isEqualTo(LogicalTypes.timestampMillis());
      }
      if (field.name().equals("eventId")) {
        assertThat(type.getLogicalType()).isEqualTo(LogicalTypes.uuid());
      }
      if (type.getType() == Schema.Type.LONG && type.getLogicalType() == null) {
        assertThat(field.name()).doesNotContainIgnoringCase("time").doesNotEndWith("Ms");
      }
    }
  }

  @ParameterizedTest
  @MethodSource("events")
  void everyEventIsKeyedAndDated(String event) throws Exception {
    Schema schema = EventSchemas.current(event);

    assertThat(schema.getField("requestId")).isNotNull();
    assertThat(schema.getFields())
        .extracting(Schema.Field::name)
        .anyMatch(name -> name.endsWith("At"));
    assertThat(schema.getNamespace()).isEqualTo("dev.utter.events");
  }

  @ParameterizedTest
  @MethodSource("events")
  void everyEnumHasAConstantForWhatAnOlderReaderDoesNotKnow(String event) throws Exception {
    assertThat(namedTypes(event))
        .filteredOn(type -> type.getType() == Schema.Type.ENUM)
        .allSatisfy(
            type -> assertThat(type.getEnumDefault()).as(type.getFullName()).isEqualTo("UNKNOWN"));
  }

  @ParameterizedTest
  @MethodSource("events")
  void everyOptionalFieldDefaultsToNull(String event) throws Exception {
    for (Schema.Field field : fields(event)) {
      if (field.schema().isNullable()) {
        assertThat(field.hasDefaultValue()).as(event + "." + field.name()).isTrue();
        assertThat(field.schema().getTypes().get(0).getType()).isEqualTo(Schema.Type.NULL);
      }
    }
  }

  private static List<Schema.Field> fields(String event) throws ReflectiveOperationException {
    List<Schema.Field> fields = new ArrayList<>();
    for (Schema type : namedTypes(event)) {
      if (type.getType() == Schema.Type.RECORD) {
        fields.addAll(type.getFields());
      }
    }
    return fields;
  }

  private static List<Schema> namedTypes(String event) throws ReflectiveOperationException {
    Map<String, Schema> found = new LinkedHashMap<>();
    collect(EventSchemas.current(event), found);
    return List.copyOf(found.values());
  }

  private static void collect(Schema schema, Map<String, Schema> found) {
    switch (schema.getType()) {
      case RECORD -> {
        if (found.putIfAbsent(schema.getFullName(), schema) == null) {
          schema.getFields().forEach(field -> collect(field.schema(), found));
        }
      }
      case ENUM, FIXED -> found.putIfAbsent(schema.getFullName(), schema);
      case ARRAY -> collect(schema.getElementType(), found);
      case MAP -> collect(schema.getValueType(), found);
      case UNION -> schema.getTypes().forEach(type -> collect(type, found));
      default -> {
        // Primitive types have no name and no fields.
      }
    }
  }

  private static Schema withoutNull(Schema schema) {
    return schema.isUnion()
        ? schema.getTypes().stream()
            .filter(type -> type.getType() != Schema.Type.NULL)
            .findFirst()
            .orElseThrow()
        : schema;
  }
}
