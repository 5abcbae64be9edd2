package dev.utter.embedded.kafka;

import dev.utter.embedded.host.LoopbackPorts;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Settings of {@link EmbeddedKafka}.
 *
 * @param folder folder of the logs; a temporary folder if empty
 * @param port port of the clients' listener on 127.0.0.1; 0 for any free one
 * @param controllerPort port of the controller's listener on 127.0.0.1; 0 for any free one
 * @param properties broker properties that are added to the built-in ones or replace them
 */
public record EmbeddedKafkaSettings(
    Optional<Path> folder, int port, int controllerPort, Map<String, String> properties) {

  /** Checks the ports. */
  public EmbeddedKafkaSettings {
    LoopbackPorts.requirePort("port", port);
    LoopbackPorts.requirePort("controllerPort", controllerPort);
    properties = Map.copyOf(properties);
  }

  /** A temporary folder, any ports. */
  public static EmbeddedKafkaSettings temporary() {
    return new EmbeddedKafkaSettings(Optional.empty(), 0, 0, Map.of());
  }

  /** A folder that is kept, any ports. */
  public static EmbeddedKafkaSettings in(Path folder) {
    return new EmbeddedKafkaSettings(Optional.of(folder), 0, 0, Map.of());
  }

  /** These settings with one more broker property. */
  public EmbeddedKafkaSettings with(String name, String value) {
    Map<String, String> more = new HashMap<>(properties);
    more.put(name, value);
    return new EmbeddedKafkaSettings(folder, port, controllerPort, more);
  }
}
