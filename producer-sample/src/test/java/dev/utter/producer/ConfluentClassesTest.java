package dev.utter.producer;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.confluent.kafka.schemaregistry.utils.JacksonMapper;
import java.io.IOException;
import java.util.Collections;
import org.junit.jupiter.api.Test;

/** Confluent's classes use the ordinary libraries, and no relocated copies of them. */
class ConfluentClassesTest {
  @Test
  void theirJsonIsReadByTheOrdinaryJackson() throws Exception {
    // Given
    ObjectMapper mapper = JacksonMapper.INSTANCE;
    Class<?> type =
        Class.forName(
            "io.confluent.kafka.schemaregistry.client.rest.entities.requests.RegisterSchemaRequest");

    // When
    Object request = mapper.readValue("{\"schema\": \"string\", \"version\": 7}", type);

    // Then
    assertThat(mapper.valueToTree(request).path("schema").asText()).isEqualTo("string");
    assertThat(mapper.valueToTree(request).path("version").asInt()).isEqualTo(7);
  }

  @Test
  void noHiddenCopyOfALibraryIsInTheClassPath() throws IOException {
    assertThat(Collections.list(getClass().getClassLoader().getResources("org/apache/pinot")))
        .isEmpty();
  }
}
