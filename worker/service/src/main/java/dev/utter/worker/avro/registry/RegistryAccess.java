package dev.utter.worker.avro.registry;

import io.confluent.kafka.schemaregistry.ParsedSchema;
import io.confluent.kafka.schemaregistry.avro.AvroSchema;
import io.confluent.kafka.schemaregistry.client.SchemaRegistryClient;
import io.confluent.kafka.schemaregistry.client.rest.exceptions.RestClientException;
import io.confluent.kafka.serializers.AbstractKafkaSchemaSerDe;
import io.confluent.kafka.serializers.KafkaAvroSerializerConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.Schema;

/**
 * The registry's client with the names and the switches that Confluent's serializers read from the
 * same properties: subject names, contexts, automatic registration.
 *
 * <p>Threading: may be shared. Calls block; what was found once is remembered.
 */
public final class RegistryAccess extends AbstractKafkaSchemaSerDe {
  /** Max cached schemas of a subject: anyone with write access can register large ones. */
  private static final int MAX_SCHEMAS = 100;

  private final KafkaAvroSerializerConfig switches;
  private final GuidLookup guidLookup;
  private final Map<UUID, Schema> byGuid = new ConcurrentHashMap<>();

  /** Access by Confluent's own configuration keys, {@code schema.registry.url} among them. */
  public RegistryAccess(Map<String, ?> properties) {
    Map<String, Object> bounded = new HashMap<>(properties);
    bounded.putIfAbsent("max.schemas.per.subject", MAX_SCHEMAS);
    switches = new KafkaAvroSerializerConfig(bounded);
    configureClientProperties(switches, RuledSchemas.provider());
    guidLookup = new GuidLookup(switches);
  }

  /** Confluent's client. */
  public SchemaRegistryClient client() {
    return schemaRegistry;
  }

  /** Whether missing schemas are registered. */
  public boolean registers() {
    return switches.autoRegisterSchema();
  }

  /** Whether schemas are compared and registered in their normal form. */
  public boolean normalizes() {
    return switches.normalizeSchema();
  }

  /**
   * Whether events are written with the subject's latest version, not with their class's schema.
   */
  public boolean usesLatest() {
    return useLatestVersion;
  }

  /** The subject that holds the schemas of a topic's values. */
  public String subject(String topic, Schema schema) {
    return getSubjectName(topic, false, null, new AvroSchema(schema));
  }

  /** The writer's schema by its id, from the topic's context. */
  public Schema byId(String topic, int id) throws IOException, RestClientException {
    String subject =
        strategyUsesSchema(false)
            ? getContextName(topic)
            : getSubjectName(topic, false, null, null);
    return avro(schemaRegistry.getSchemaBySubjectAndId(subject, id));
  }

  /** The writer's schema by its GUID. */
  public Schema byGuid(UUID guid) throws IOException, RestClientException {
    Schema known = byGuid.get(guid);
    if (known != null) {
      return known;
    }
    Schema found = avro(guidLookup.schema(guid));
    if (byGuid.size() < MAX_SCHEMAS) {
      byGuid.put(guid, found);
    }
    return found;
  }

  private static Schema avro(ParsedSchema schema) {
    return ((AvroSchema) schema).rawSchema();
  }

  @Override
  public void close() {
    try {
      guidLookup.close();
      super.close();
    } catch (IOException e) {
      throw new UncheckedIOException("the registry's client does not close", e);
    }
  }
}
