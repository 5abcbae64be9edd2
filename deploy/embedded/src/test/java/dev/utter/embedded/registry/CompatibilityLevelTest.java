package dev.utter.embedded.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.SchemaBuilder.FieldAssembler;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class CompatibilityLevelTest {
  private static final Schema ONE = record().requiredString("one").endRecord();

  /** Reads data of ONE, and is read by it. */
  private static final Schema ONE_AND_OPTIONAL =
      record().requiredString("one").optionalString("two").endRecord();

  /** Is read by ONE, and cannot read its data. */
  private static final Schema ONE_AND_TWO =
      record().requiredString("one").requiredString("two").endRecord();

  /** Reads data of ONE, and is not read by it. */
  private static final Schema NOTHING = record().endRecord();

  @ParameterizedTest
  @CsvSource({
    "NONE, true, true, true",
    "BACKWARD, true, false, true",
    "BACKWARD_TRANSITIVE, true, false, true",
    "FORWARD, true, true, false",
    "FORWARD_TRANSITIVE, true, true, false",
    "FULL, true, false, false",
    "FULL_TRANSITIVE, true, false, false",
  })
  void allowsWhatItsNameSays(
      CompatibilityLevel level, boolean optional, boolean required, boolean removed) {
    assertThat(level.problems(ONE_AND_OPTIONAL, List.of(ONE)).isEmpty()).isEqualTo(optional);
    assertThat(level.problems(ONE_AND_TWO, List.of(ONE)).isEmpty()).isEqualTo(required);
    assertThat(level.problems(NOTHING, List.of(ONE)).isEmpty()).isEqualTo(removed);
  }

  @Test
  void looksPastTheNewestVersionOnlyIfTransitive() {
    // Given: each version reads the one before it, and the last not the first
    Schema withDefault = record().name("one").type().stringType().stringDefault("x").endRecord();
    List<Schema> earlier = List.of(NOTHING, withDefault);

    // Then
    assertThat(CompatibilityLevel.BACKWARD.problems(ONE, earlier)).isEmpty();
    assertThat(CompatibilityLevel.BACKWARD_TRANSITIVE.problems(ONE, earlier))
        .singleElement()
        .asString()
        .contains("READER_FIELD_MISSING_DEFAULT_VALUE");
  }

  @Test
  void findsNothingWrongWithTheFirstVersion() {
    for (CompatibilityLevel level : CompatibilityLevel.values()) {
      assertThat(level.problems(ONE, List.of())).isEmpty();
    }
  }

  private static FieldAssembler<Schema> record() {
    return SchemaBuilder.record("Note").fields();
  }
}
