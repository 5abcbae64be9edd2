package dev.utter.embedded.registry;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The registry's answers, to the letter of Confluent's REST interface. */
final class SchemaRegistryRestTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final String STRING = schemaBody("{\"type\":\"string\"}");
  private static final String INT = schemaBody("{\"type\":\"int\"}");

  private EmbeddedSchemaRegistry registry;

  @BeforeEach
  void start() {
    registry = EmbeddedSchemaRegistry.start(EmbeddedSchemaRegistrySettings.temporary());
  }

  @AfterEach
  void stop() {
    registry.close();
  }

  private record Answer(int status, JsonNode body) {}

  @Test
  void describesAVersionByNumberAndByName() throws Exception {
    // Given
    assertThat(call("POST", "/subjects/s/versions", STRING)).isEqualTo(answer(200, "{\"id\":1}"));

    // Then
    Answer version =
        answer(200, "{\"subject\":\"s\",\"version\":1,\"id\":1,\"schema\":\"\\\"string\\\"\"}");
    assertThat(call("GET", "/subjects/s/versions/1", "")).isEqualTo(version);
    assertThat(call("GET", "/subjects/s/versions/latest", "")).isEqualTo(version);
    assertThat(call("GET", "/subjects/s/versions/-1", "")).isEqualTo(version);
    assertThat(call("POST", "/subjects/s", STRING)).isEqualTo(version);
    assertThat(call("GET", "/subjects/s/versions/1/schema", ""))
        .isEqualTo(answer(200, "\"string\""));
    assertThat(call("GET", "/schemas/ids/1", ""))
        .isEqualTo(answer(200, "{\"schema\":\"\\\"string\\\"\"}"));
    assertThat(call("GET", "/schemas/ids/1/schema", "")).isEqualTo(answer(200, "\"string\""));
    assertThat(call("GET", "/schemas/ids/1/subjects", "")).isEqualTo(answer(200, "[\"s\"]"));
    assertThat(call("GET", "/schemas/ids/1/versions", ""))
        .isEqualTo(answer(200, "[{\"subject\":\"s\",\"version\":1}]"));
    assertThat(call("GET", "/schemas/types", "")).isEqualTo(answer(200, "[\"AVRO\"]"));
    assertThat(call("GET", "/subjects/s/versions", "")).isEqualTo(answer(200, "[1]"));
    assertThat(call("GET", "/subjects", "")).isEqualTo(answer(200, "[\"s\"]"));
    assertThat(call("GET", "/subjects?subjectPrefix=t", "")).isEqualTo(answer(200, "[]"));
    assertThat(call("GET", "/", "")).isEqualTo(answer(200, "{}"));
  }

  @Test
  void givesASchemaByItsGuid() throws Exception {
    // Given
    call("POST", "/subjects/s/versions", STRING);
    UUID guid = UUID.nameUUIDFromBytes("\"string\"".getBytes(StandardCharsets.UTF_8));

    // Then
    assertThat(call("GET", "/schemas/guids/" + guid, ""))
        .isEqualTo(answer(200, "{\"schema\":\"\\\"string\\\"\"}"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "GET    | /subjects/none/versions                 |       | 404 | 40401",
        "GET    | /subjects/none/versions/1               |       | 404 | 40401",
        "DELETE | /subjects/none                          |       | 404 | 40401",
        "POST   | /subjects/none                          | INT   | 404 | 40401",
        "GET    | /subjects/s/versions/2                  |       | 404 | 40402",
        "DELETE | /subjects/s/versions/2                  |       | 404 | 40402",
        "POST   | /compatibility/subjects/s/versions/2    | INT   | 404 | 40402",
        "GET    | /schemas/ids/77                         |       | 404 | 40403",
        "GET    | /schemas/guids/none                     |       | 404 | 40403",
        "GET    | /schemas/ids/x                          |       | 404 | 40403",
        "POST   | /subjects/s                             | INT   | 404 | 40403",
        "DELETE | /subjects/s?permanent=true              |       | 404 | 40405",
        "DELETE | /subjects/s/versions/1?permanent=true   |       | 404 | 40407",
        "GET    | /config/s                               |       | 404 | 40408",
        "GET    | /mode/s                                 |       | 404 | 40409",
        "POST   | /subjects/s/versions                    | INT   | 409 | 409",
        "POST   | /subjects/s/versions                    | BAD   | 422 | 42201",
        "POST   | /subjects/s/versions                    | PROTO | 422 | 42201",
        "POST   | /subjects/s/versions                    | REFS  | 422 | 42201",
        "GET    | /subjects/s/versions/0                  |       | 422 | 42202",
        "GET    | /subjects/s/versions/first              |       | 422 | 42202",
        "PUT    | /config                                 | LEVEL | 422 | 42203",
        "PUT    | /mode                                   | MODE  | 422 | 42204",
        "POST   | /subjects/s/versions                    | {}    | 400 | 400",
        "POST   | /subjects/s/versions                    | {     | 400 | 400",
        "GET    | /nothing                                |       | 404 | 404",
        "PATCH  | /subjects/s                             |       | 404 | 404",
        "GET    | /subjects/s/other                       |       | 404 | 404",
        "GET    | /schemas/other                          |       | 404 | 404",
        "GET    | /config/s/more                          |       | 404 | 404",
        "POST   | /compatibility/subjects                 | INT   | 404 | 404",
      })
  void refusesWithTheCodeOfTheReason(
      String method, String path, String body, int status, int errorCode) throws Exception {
    // Given
    call("POST", "/subjects/s/versions", STRING);
    Map<String, String> bodies =
        Map.of(
            "INT", INT,
            "BAD", schemaBody("{\"type\":\"strung\"}"),
            "PROTO", "{\"schemaType\":\"PROTOBUF\",\"schema\":\"x\"}",
            "REFS", "{\"schema\":\"\\\"string\\\"\",\"references\":[{\"name\":\"x\"}]}",
            "LEVEL", "{\"compatibility\":\"SOME\"}",
            "MODE", "{\"mode\":\"IMPORT\"}");

    // When
    Answer answer = call(method, path, body == null ? "" : bodies.getOrDefault(body, body));

    // Then
    assertThat(answer.status()).isEqualTo(status);
    assertThat(answer.body().path("error_code").asInt()).isEqualTo(errorCode);
    assertThat(answer.body().path("message").asText()).isNotBlank();
  }

  @Test
  void keepsASoftlyDeletedVersionForThoseWhoAsk() throws Exception {
    // Given
    call("POST", "/subjects/s/versions", STRING);

    // When
    assertThat(call("DELETE", "/subjects/s/versions/1", "")).isEqualTo(answer(200, "1"));

    // Then
    assertThat(call("GET", "/subjects", "")).isEqualTo(answer(200, "[]"));
    assertThat(call("GET", "/subjects?deleted=true", "")).isEqualTo(answer(200, "[\"s\"]"));
    assertThat(call("GET", "/schemas/ids/1", "").status()).isEqualTo(200);
    assertThat(call("GET", "/schemas/ids/1/subjects", "")).isEqualTo(answer(200, "[]"));
    assertThat(codeOf(call("DELETE", "/subjects/s", ""))).isEqualTo(40404);
    assertThat(codeOf(call("DELETE", "/subjects/s/versions/1", ""))).isEqualTo(40406);

    // When
    assertThat(call("POST", "/subjects/s/versions", STRING)).isEqualTo(answer(200, "{\"id\":1}"));

    // Then
    assertThat(call("GET", "/subjects/s/versions", "")).isEqualTo(answer(200, "[2]"));
  }

  @Test
  void keepsLevelsByItselfAndBySubject() throws Exception {
    assertThat(call("GET", "/config", ""))
        .isEqualTo(answer(200, "{\"compatibilityLevel\":\"BACKWARD\"}"));
    assertThat(call("PUT", "/config/s", "{\"compatibility\":\"full\"}"))
        .isEqualTo(answer(200, "{\"compatibility\":\"FULL\"}"));
    assertThat(call("GET", "/config/s", ""))
        .isEqualTo(answer(200, "{\"compatibilityLevel\":\"FULL\"}"));
    assertThat(call("DELETE", "/config/s", ""))
        .isEqualTo(answer(200, "{\"compatibilityLevel\":\"FULL\"}"));
    assertThat(call("GET", "/config/s?defaultToGlobal=true", ""))
        .isEqualTo(answer(200, "{\"compatibilityLevel\":\"BACKWARD\"}"));
  }

  @Test
  void registersNothingWhileReadOnly() throws Exception {
    // When
    assertThat(call("PUT", "/mode", "{\"mode\":\"READONLY\"}"))
        .isEqualTo(answer(200, "{\"mode\":\"READONLY\"}"));

    // Then
    assertThat(codeOf(call("POST", "/subjects/s/versions", STRING))).isEqualTo(42205);
    assertThat(call("GET", "/mode/s?defaultToGlobal=true", ""))
        .isEqualTo(answer(200, "{\"mode\":\"READONLY\"}"));

    // When
    call("PUT", "/mode/s", "{\"mode\":\"READWRITE\"}");

    // Then
    assertThat(call("POST", "/subjects/s/versions", STRING).status()).isEqualTo(200);
  }

  @Test
  void saysWhetherASchemaWouldDo() throws Exception {
    // Given
    call("POST", "/subjects/s/versions", INT);

    // Then: an int can be read as a long, a string cannot
    assertThat(call("POST", "/compatibility/subjects/s/versions/latest", schemaBody("\"long\"")))
        .isEqualTo(answer(200, "{\"is_compatible\":true}"));
    Answer refused =
        call("POST", "/compatibility/subjects/s/versions?verbose=true", schemaBody("\"bytes\""));
    assertThat(refused.body().path("is_compatible").asBoolean()).isFalse();
    assertThat(refused.body().path("messages").get(0).asText()).contains("TYPE_MISMATCH");
  }

  @Test
  void takesSubjectsWithEscapedCharacters() throws Exception {
    // When
    call("POST", "/subjects/a%2Fb%20c/versions", STRING);

    // Then
    assertThat(call("GET", "/subjects", "")).isEqualTo(answer(200, "[\"a/b c\"]"));
  }

  private Answer call(String method, String path, String body) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(registry.url() + path))
            .method(method, HttpRequest.BodyPublishers.ofString(body))
            .build();
    HttpResponse<String> response = HTTP.send(request, HttpResponse.BodyHandlers.ofString());
    return new Answer(response.statusCode(), JSON.readTree(response.body()));
  }

  private static Answer answer(int status, String body) throws Exception {
    return new Answer(status, JSON.readTree(body));
  }

  private static int codeOf(Answer answer) {
    return answer.body().path("error_code").asInt();
  }

  private static String schemaBody(String schema) {
    return JSON.createObjectNode().put("schema", schema).toString();
  }
}
