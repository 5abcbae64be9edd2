package dev.utter.embedded.registry;

import dev.utter.embedded.host.LoopbackPorts;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Settings of {@link EmbeddedSchemaRegistry}.
 *
 * @param file file of the content; in memory only if empty
 * @param port port on 127.0.0.1; 0 for any free one
 * @param credentials credentials that every request must have; anonymous if empty
 */
public record EmbeddedSchemaRegistrySettings(
    Optional<Path> file, int port, Optional<BasicCredentials> credentials) {

  /** Checks the port. */
  public EmbeddedSchemaRegistrySettings {
    LoopbackPorts.requirePort("port", port);
  }

  /** In memory, any port, anonymous. */
  public static EmbeddedSchemaRegistrySettings temporary() {
    return new EmbeddedSchemaRegistrySettings(Optional.empty(), 0, Optional.empty());
  }

  /** In a file that is kept, any port, anonymous. */
  public static EmbeddedSchemaRegistrySettings in(Path file) {
    return new EmbeddedSchemaRegistrySettings(Optional.of(file), 0, Optional.empty());
  }
}
