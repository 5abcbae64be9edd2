package dev.utter.events;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.zip.GZIPInputStream;
import org.apache.avro.Schema;
import org.junit.jupiter.api.Test;

/** The AsyncAPI document and the schema of the examples are what schemas and topics say. */
final class AsyncApiTest {
  private static final Path ROOT = Path.of(System.getProperty("utter.home"));
  private static final Set<String> INTERNAL =
      Set.of(
          Topics.LIMITS,
          Topics.WORK_INTERACTIVE,
          Topics.WORK_NORMAL,
          Topics.WORK_BULK,
          Topics.STARTED,
          Topics.SKIPS);

  @Test
  void theDocumentIsGenerated() throws Exception {
    assertIsGenerated("docs/asyncapi.yaml", AsyncApiDocument.yaml());
  }

  @Test
  void theSchemaOfTheExamplesIsGenerated() throws Exception {
    assertIsGenerated(
        "producer-sample/examples/SynthesisRequested.avsc",
        EventSchemas.current("SynthesisRequested").toString(true) + "\n");
  }

  @Test
  void theDocumentKeepsTheRulesOfAsyncApi() throws Exception {
    assertThat(problems(document())).isEmpty();
  }

  @Test
  void aDocumentThatBreaksARuleIsRefused() throws Exception {
    // Given
    JsonNode withoutInfo = document();
    ((ObjectNode) withoutInfo).remove("info");
    JsonNode withNegativeRetention = document();
    ((ObjectNode) withNegativeRetention.at("/channels/completed/bindings/kafka/topicConfiguration"))
        .put("retention.ms", -7);
    JsonNode withoutAddress = document();
    ((ObjectNode) withoutAddress.at("/channels/failed")).put("address", 1);
    JsonNode withUnknownAction = document();
    ((ObjectNode) withUnknownAction.at("/operations/receiveFailed")).put("action", "listen");

    // Then
    assertThat(List.of(withoutInfo, withNegativeRetention, withoutAddress, withUnknownAction))
        .allSatisfy(broken -> assertThat(problems(broken)).isNotEmpty());
  }

  @Test
  void everyReferenceLeadsSomewhere() throws Exception {
    // Given
    JsonNode document = document();

    // When
    List<String> references =
        document.findValuesAsText("$ref").stream()
            .map(reference -> reference.replaceFirst("^#", ""))
            .toList();

    // Then
    assertThat(references)
        .hasSizeGreaterThan(20)
        .allSatisfy(
            reference -> assertThat(document.at(reference).isObject()).as(reference).isTrue());
  }

  @Test
  void everyTopicIsAChannelExceptThoseOfTheWorkers() throws Exception {
    // When
    List<String> addresses = new ArrayList<>();
    document().path("channels").forEach(channel -> addresses.add(channel.path("address").asText()));

    // Then
    Set<String> expected = new HashSet<>(Topics.all());
    expected.removeAll(INTERNAL);
    assertThat(addresses).containsExactlyInAnyOrderElementsOf(expected);
  }

  @Test
  void clientsSendWhatPublishersWriteAndReceiveTheRest() throws Exception {
    // Given
    JsonNode document = document();

    // When
    Set<String> sent = new HashSet<>();
    document
        .path("operations")
        .forEach(
            operation -> {
              if (operation.path("action").asText().equals("send")) {
                String channel = operation.at("/channel/$ref").asText().replaceFirst("^#", "");
                sent.add(document.at(channel).path("address").asText());
              }
            });

    // Then
    assertThat(sent).containsExactlyInAnyOrderElementsOf(Topics.ofPublishers());
  }

  @Test
  void thePayloadsAreTheSchemasOfTheEvents() throws Exception {
    // Given
    JsonNode schemas = document().at("/components/schemas");

    // Then
    assertThat(schemas).hasSize(EventSchemas.events().size() - 1);
    for (String event : EventSchemas.events()) {
      if (!event.equals("SynthesisStarted")) {
        assertThat(new Schema.Parser().parse(schemas.path(event).path("schema").toString()))
            .isEqualTo(EventSchemas.current(event));
      }
    }
  }

  private static JsonNode document() throws IOException, ReflectiveOperationException {
    return AsyncApiDocument.parse(AsyncApiDocument.yaml());
  }

  private static Set<ValidationMessage> problems(JsonNode document) throws IOException {
    try (InputStream in =
        new GZIPInputStream(AsyncApiTest.class.getResourceAsStream("/asyncapi/3.0.0.json.gz"))) {
      JsonSchema schema =
          JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V7)
              .getSchema(new ObjectMapper().readTree(in));
      return schema.validate(document);
    }
  }

  private static void assertIsGenerated(String file, String generated) throws IOException {
    Path target =
        Files.createDirectories(ROOT.resolve("schemas/events/target"))
            .resolve(Path.of(file).getFileName());
    Files.writeString(target, generated);
    Path committed = ROOT.resolve(file);
    assertThat(Files.exists(committed) ? Files.readString(committed) : "")
        .as("differs from schemas and topics: cp %s %s", ROOT.relativize(target), file)
        .isEqualTo(generated);
  }
}
