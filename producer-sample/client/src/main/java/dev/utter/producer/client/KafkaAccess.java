package dev.utter.producer.client;

import static java.util.Objects.requireNonNull;

import dev.utter.events.EventClasses;
import java.util.HashMap;
import java.util.Map;

/**
 * How to reach Kafka and the schema registry.
 *
 * @param bootstrapServers addresses of the brokers, {@code host:port} separated by commas
 * @param registryUrl address of the schema registry
 * @param properties any further property of the Kafka clients and of the serializers, for example
 *     for TLS, SASL or the registry's credentials
 */
public record KafkaAccess(
    String bootstrapServers, String registryUrl, Map<String, String> properties) {

  static {
    EventClasses.trust();
  }

  public KafkaAccess {
    requireNonNull(bootstrapServers, "bootstrapServers is null");
    requireNonNull(registryUrl, "registryUrl is null");
    properties = Map.copyOf(properties);
  }

  /** The given client's properties: the shared ones, overridden by {@code own}. */
  Map<String, Object> with(Map<String, Object> own) {
    Map<String, Object> all = new HashMap<>(properties);
    all.put("bootstrap.servers", bootstrapServers);
    all.put("schema.registry.url", registryUrl);
    all.putAll(own);
    return all;
  }

  /** Leaves the properties out, for there may be passwords among them. */
  @Override
  public String toString() {
    return "KafkaAccess[" + bootstrapServers + ", " + registryUrl + "]";
  }
}
