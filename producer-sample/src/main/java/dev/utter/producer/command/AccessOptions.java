package dev.utter.producer.command;

import dev.utter.producer.client.KafkaAccess;
import dev.utter.producer.client.StorageAccess;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import java.util.function.Function;
import java.util.stream.Collectors;
import picocli.CommandLine.Option;

/**
 * The options that say where Kafka, the registry and the object store are. Keys and passwords come
 * from the environment or from a file, never from the command line.
 */
final class AccessOptions {
  @Option(
      names = "--bootstrap-servers",
      paramLabel = "HOST:PORT,…",
      description =
          "Kafka brokers (default: $UTTER_KAFKA_BOOTSTRAP_SERVERS, else ${DEFAULT-VALUE}).",
      defaultValue = "${env:UTTER_KAFKA_BOOTSTRAP_SERVERS:-localhost:9092}")
  private String bootstrapServers;

  @Option(
      names = "--registry-url",
      paramLabel = "URL",
      description = "Schema registry (default: $UTTER_REGISTRY_URL, else ${DEFAULT-VALUE}).",
      defaultValue = "${env:UTTER_REGISTRY_URL:-http://localhost:8081}")
  private String registryUrl;

  @Option(
      names = "--client-config",
      paramLabel = "FILE",
      description = "Properties file for the Kafka clients and serializers: TLS, SASL and so on.")
  private Path clientConfig;

  @Option(
      names = "--storage-endpoint",
      paramLabel = "URL",
      description =
          "Object store (default: $UTTER_STORAGE_ENDPOINT, else ${DEFAULT-VALUE}). Its keys are read"
              + " from $UTTER_STORAGE_ACCESS_KEY and $UTTER_STORAGE_SECRET_KEY.",
      defaultValue = "${env:UTTER_STORAGE_ENDPOINT:-http://localhost:9000}")
  private String storageEndpoint;

  @Option(
      names = "--storage-region",
      paramLabel = "REGION",
      description = "Region of the object store (default: ${DEFAULT-VALUE}).",
      defaultValue = "us-east-1")
  private String storageRegion;

  @Option(
      names = "--allow-clear-text",
      description =
          "Allow connections without TLS to other hosts, for networks that nobody else can"
              + " reach.")
  private boolean allowClearText;

  /**
   * How to reach Kafka and the registry.
   *
   * @throws IllegalArgumentException if it would be without TLS and that is not allowed
   */
  KafkaAccess kafka() throws IOException {
    Map<String, String> properties = properties();
    if (!allowClearText) {
      ClearText.refuseBrokers(bootstrapServers, properties);
      ClearText.refuseUrls("--registry-url", registryUrl);
    }
    return new KafkaAccess(bootstrapServers, registryUrl, properties);
  }

  /**
   * How to reach the object store.
   *
   * @throws IllegalArgumentException if the environment lacks a key, or if the connection would be
   *     without TLS and that is not allowed
   */
  StorageAccess storage(Function<String, String> environment) {
    if (!allowClearText) {
      ClearText.refuseUrls("--storage-endpoint", storageEndpoint);
    }
    return new StorageAccess(
        storageEndpoint,
        storageRegion,
        require(environment, "UTTER_STORAGE_ACCESS_KEY"),
        require(environment, "UTTER_STORAGE_SECRET_KEY"));
  }

  private static String require(Function<String, String> environment, String name) {
    String value = environment.apply(name);
    if (value == null || value.isEmpty()) {
      throw new IllegalArgumentException(
          "the object store needs a key: environment variable " + name + " is not set");
    }
    return value;
  }

  private Map<String, String> properties() throws IOException {
    Properties properties = new Properties();
    if (clientConfig != null) {
      try (Reader reader = Files.newBufferedReader(clientConfig)) {
        properties.load(reader);
      }
    }
    return properties.stringPropertyNames().stream()
        .collect(Collectors.toMap(name -> name, properties::getProperty));
  }
}
