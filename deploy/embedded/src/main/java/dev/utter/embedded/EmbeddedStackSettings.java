package dev.utter.embedded;

import dev.utter.embedded.kafka.EmbeddedKafkaSettings;
import dev.utter.embedded.registry.EmbeddedSchemaRegistrySettings;
import dev.utter.embedded.s3.EmbeddedS3Settings;
import java.nio.file.Path;

/**
 * Settings of {@link EmbeddedStack}.
 *
 * @param kafka settings of the broker
 * @param schemaRegistry settings of the schema registry
 * @param s3 settings of the S3 server
 */
public record EmbeddedStackSettings(
    EmbeddedKafkaSettings kafka,
    EmbeddedSchemaRegistrySettings schemaRegistry,
    EmbeddedS3Settings s3) {

  /** All data in memory or in temporary folders, on any free ports. */
  public static EmbeddedStackSettings temporary() {
    return new EmbeddedStackSettings(
        EmbeddedKafkaSettings.temporary(),
        EmbeddedSchemaRegistrySettings.temporary(),
        EmbeddedS3Settings.temporary());
  }

  /** All data in a folder that is kept, on any free ports. */
  static EmbeddedStackSettings in(Path folder) {
    return new EmbeddedStackSettings(
        EmbeddedKafkaSettings.in(folder.resolve("kafka")),
        EmbeddedSchemaRegistrySettings.in(folder.resolve("schema-registry.json")),
        EmbeddedS3Settings.in(folder.resolve("s3")));
  }
}
