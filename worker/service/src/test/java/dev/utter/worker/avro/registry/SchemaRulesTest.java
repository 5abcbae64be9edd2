package dev.utter.worker.avro.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class SchemaRulesTest {
  private static final Path PUBLISHED =
      Path.of(System.getProperty("utter.home"), "schemas/events/src/test/resources/published");

  static List<Path> publishedVersions() throws IOException {
    try (Stream<Path> files = Files.walk(PUBLISHED)) {
      return files.filter(file -> file.toString().endsWith(".avsc")).toList();
    }
  }

  @ParameterizedTest
  @MethodSource("publishedVersions")
  void everyPublishedVersionKeepsTheRules(Path file) throws IOException {
    // Given
    String text = Files.readString(file);

    // Then
    assertThatCode(() -> SchemaRules.checkText(text)).doesNotThrowAnyException();
    assertThatCode(() -> SchemaRules.check(new Schema.Parser().parse(text)))
        .doesNotThrowAnyException();
  }

  @Test
  void thereArePublishedVersions() throws IOException {
    assertThat(publishedVersions()).hasSizeGreaterThan(10);
  }

  static Stream<Arguments> refused() {
    String zero = "{'type':'fixed','name':'F','size':0}";
    String empty = "{'type':'record','name':'E','fields':[]}";
    String nulls =
        "{'type':'record','name':'R','fields':[{'name':'a','type':'null'},{'name':'b','type':%s}]}"
            .formatted(zero);
    return Stream.of(
        Arguments.of("{'type':'array','items':'null'}", "an array of null, which takes no bytes"),
        Arguments.of("{'type':'array','items':%s}".formatted(zero), "an array of F"),
        Arguments.of("{'type':'array','items':%s}".formatted(empty), "an array of record E"),
        Arguments.of("{'type':'array','items':%s}".formatted(nulls), "an array of record R"),
        Arguments.of("{'type':'map','values':%s}".formatted(nulls), "a map of record R"),
        Arguments.of(
            "['null',{'type':'map','values':{'type':'array','items':'null'}}]", "an array of null"),
        Arguments.of(
            "{'type':'record','name':'A','fields':[{'name':'b','type':{'type':'record',"
                + "'name':'B','fields':[{'name':'a','type':['null','A']}]}}]}",
            "record A contains itself"),
        Arguments.of(
            "{'type':'record','name':'A','fields':[{'name':'a',"
                + "'type':{'type':'array','items':'A'}}]}",
            "record A contains itself"));
  }

  @ParameterizedTest
  @MethodSource("refused")
  void aSchemaThatCostsMoreThanItsBytesIsRefused(String schema, String rule) {
    assertRefused(new Schema.Parser().parse(schema.replace('\'', '"')), rule);
  }

  @Test
  void nestingHasALimit() {
    // Given
    Schema nested = Schema.create(Schema.Type.LONG);
    for (int depth = 1; depth < SchemaRules.MAX_DEPTH; depth++) {
      nested = Schema.createArray(nested);
    }
    SchemaRules.check(nested);

    // Then
    assertRefused(Schema.createArray(nested), "nested more than 16 deep");
  }

  /** A short text whose records, each used twice by the next, unfold to a million. */
  @Test
  void recordsThatUnfoldAreCountedEachTime() {
    // Given
    Schema pair = SchemaBuilder.record("R0").fields().requiredLong("a").endRecord();
    for (int i = 1; i <= 10; i++) {
      pair =
          SchemaBuilder.record("R" + i)
              .fields()
              .name("a")
              .type(pair)
              .noDefault()
              .name("b")
              .type(pair)
              .noDefault()
              .endRecord();
    }

    // Then
    assertThat(pair.toString()).hasSizeLessThan(2_000);
    assertRefused(pair, "more than 1000 fields");
  }

  @Test
  void aRecordMayBeUsedInSeveralPlaces() {
    // Given
    Schema part = SchemaBuilder.record("Part").fields().requiredLong("a").endRecord();
    Schema whole =
        SchemaBuilder.record("Whole")
            .fields()
            .name("first")
            .type(part)
            .noDefault()
            .name("others")
            .type(Schema.createArray(part))
            .noDefault()
            .endRecord();

    // Then
    assertThatCode(() -> SchemaRules.check(whole)).doesNotThrowAnyException();
  }

  private static void assertRefused(Schema schema, String rule) {
    assertThatThrownBy(() -> SchemaRules.check(schema))
        .isInstanceOf(RefusedSchemaException.class)
        .hasMessageContaining(rule);
  }
}
