package dev.utter.worker.avro.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.confluent.kafka.schemaregistry.avro.AvroSchema;
import io.confluent.kafka.schemaregistry.avro.AvroSchemaProvider;
import io.confluent.kafka.schemaregistry.client.CachedSchemaRegistryClient;
import io.confluent.kafka.schemaregistry.client.rest.RestService;
import io.confluent.kafka.schemaregistry.client.rest.exceptions.RestClientException;
import io.confluent.kafka.serializers.KafkaAvroSerializerConfig;
import java.io.Closeable;
import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.avro.AvroRuntimeException;
import org.jspecify.annotations.Nullable;

/**
 * Looks a schema up by its GUID. Registries serve that from Confluent Platform 8 on; the client of
 * 7.9 has no method for it, but its REST service takes any path, with the credentials and the TLS
 * settings of every other call. The type of the answer is a class of Jackson, which is relocated in
 * one of the two builds of the client, so the call is made by reflection.
 */
final class GuidLookup implements Closeable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String PATH = "/schemas/guids/";
  private static final Map<String, String> HEADERS =
      Map.of("Accept", "application/vnd.schemaregistry.v1+json");
  private static final Method REQUEST = requestMethod();
  private static final Object ANSWER = answerType();

  private final KafkaAvroSerializerConfig config;
  private @Nullable RestService rest;

  GuidLookup(KafkaAvroSerializerConfig config) {
    this.config = config;
  }

  /**
   * Created for the first GUID, since few producers write them. The client's constructor configures
   * the service that it is given.
   */
  private synchronized RestService rest() {
    if (rest == null) {
      RestService fresh = new RestService(config.getSchemaRegistryUrls());
      new CachedSchemaRegistryClient(
          fresh,
          1,
          List.of(new AvroSchemaProvider()),
          config.originalsWithPrefix(""),
          config.requestHeaders());
      rest = fresh;
    }
    return rest;
  }

  AvroSchema schema(UUID guid) throws IOException, RestClientException {
    JsonNode answer = JSON.readTree(request(PATH + guid));
    String type = answer.path("schemaType").asText("AVRO");
    if (!type.equals("AVRO")) {
      throw new ClassCastException("a schema of type " + type);
    }
    if (!answer.path("references").isEmpty()) {
      throw new ClassCastException("a schema that refers to others");
    }
    return parse(answer.path("schema").asText());
  }

  /**
   * Parses what the registry gave.
   *
   * @throws RefusedSchemaException if it breaks one of the rules
   * @throws AvroRuntimeException if it is no schema that Avro can read here
   */
  static AvroSchema parse(String text) {
    SchemaRules.checkText(text);
    AvroSchema schema;
    try {
      schema = new AvroSchema(text);
    } catch (RuntimeException e) {
      // Avro and its JSON reader throw several kinds, as for a fixed of two gigabytes.
      throw new AvroRuntimeException(e);
    }
    SchemaRules.check(schema.rawSchema());
    return schema;
  }

  private String request(String path) throws IOException, RestClientException {
    try {
      return REQUEST.invoke(rest(), path, "GET", null, HEADERS, ANSWER).toString();
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof IOException failure) {
        throw failure;
      }
      if (e.getCause() instanceof RestClientException failure) {
        throw failure;
      }
      throw new IllegalStateException("asking for " + path + " failed", e.getCause());
    } catch (IllegalAccessException e) {
      throw new IllegalStateException("the registry client's request method is not public", e);
    }
  }

  @Override
  public synchronized void close() throws IOException {
    if (rest != null) {
      rest.close();
    }
  }

  private static Method requestMethod() {
    return Stream.of(RestService.class.getMethods())
        .filter(method -> method.getName().equals("httpRequest"))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("the registry client has no httpRequest"));
  }

  private static Object answerType() {
    try {
      Field type = RestService.class.getDeclaredField("GET_SCHEMA_ONLY_BY_VERSION_RESPONSE_TYPE");
      type.setAccessible(true);
      return type.get(null);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("the registry client does not name the answer's type", e);
    }
  }
}
