package dev.utter.worker.avro;

import static java.util.Objects.requireNonNull;

import dev.utter.worker.avro.registry.RegistryAccess;
import dev.utter.worker.avro.registry.RegistryFailures;
import dev.utter.worker.failure.FailureText;
import io.confluent.kafka.schemaregistry.client.rest.exceptions.RestClientException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;

/**
 * Proves that the registry has or accepts every schema that a worker writes, so that no work is
 * done whose result cannot be published. With {@code auto.register.schemas} (the default) a missing
 * schema is registered; without it, or in a read-only registry, schemas are only looked up.
 *
 * <p>Threading: may be shared. Each proof calls the registry again, once or twice per schema.
 */
public final class SchemaProof {
  private final Map<String, ?> registryProperties;

  /**
   * A proof by this registry.
   *
   * @param registryProperties Confluent's own configuration keys, {@code schema.registry.url} among
   *     them
   */
  public SchemaProof(Map<String, ?> registryProperties) {
    this.registryProperties = Map.copyOf(registryProperties);
  }

  /**
   * A schema that is written.
   *
   * @param topic topic that it is written to
   * @param schema the event's schema
   */
  public record Written(String topic, Schema schema) {
    /** Checks that nothing is missing. */
    public Written {
      requireNonNull(topic, "topic is null");
      requireNonNull(schema, "schema is null");
    }
  }

  /** What is to be done about a failed proof. */
  enum Kind {
    /** The registry cannot answer now; asking again later may help. */
    UNAVAILABLE,
    /** The registry answers, and somebody has to change it or the settings. */
    MISCONFIGURED
  }

  /**
   * Why a schema cannot be written.
   *
   * @param kind what is to be done
   * @param topic the topic that cannot be written
   * @param message one sentence: what is wrong and, for MISCONFIGURED, what to do
   */
  public record Failure(Kind kind, String topic, String message) {}

  /**
   * Proves all of them; after an UNAVAILABLE the rest is not asked for.
   *
   * @return what failed, in the order given; empty if all is well
   */
  public List<Failure> prove(Collection<Written> all) {
    List<Failure> failures = new ArrayList<>();
    try (RegistryAccess registry = new RegistryAccess(registryProperties)) {
      WriterSchemas schemas = new WriterSchemas(registry);
      for (Written written : all) {
        try {
          schemas.id(written.topic(), written.schema());
        } catch (RegistryRefusalException e) {
          failures.add(new Failure(Kind.MISCONFIGURED, written.topic(), FailureText.of(e)));
        } catch (IOException | RestClientException | RuntimeException e) {
          failures.add(
              new Failure(
                  Kind.UNAVAILABLE,
                  written.topic(),
                  "the schema registry at "
                      + registryProperties.get("schema.registry.url")
                      + " cannot answer: "
                      + RegistryFailures.say(e)));
          break;
        }
      }
    }
    return List.copyOf(failures);
  }
}
