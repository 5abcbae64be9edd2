package dev.utter.embedded.s3;

import dev.utter.embedded.host.LoopbackPorts;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Settings of {@link EmbeddedS3}.
 *
 * @param folder folder of the objects; in memory only if empty. Only the store in memory has object
 *     versions
 * @param port port on 127.0.0.1; 0 for any free one
 * @param accessKey access key every request must be signed with
 * @param secretKey secret key every request must be signed with
 */
public record EmbeddedS3Settings(
    Optional<Path> folder, int port, String accessKey, String secretKey) {
  /** Keys of a stack that only this machine can reach. */
  private static final String DEVELOPMENT_ACCESS_KEY = "utter-development";

  private static final String DEVELOPMENT_SECRET_KEY = "utter-development-secret";

  /** Checks that the port is valid and the keys are not blank. */
  public EmbeddedS3Settings {
    LoopbackPorts.requirePort("port", port);
    if (accessKey.isBlank() || secretKey.isBlank()) {
      throw new IllegalArgumentException("accessKey and secretKey must not be blank");
    }
  }

  /** In memory, any port, development keys. */
  public static EmbeddedS3Settings temporary() {
    return new EmbeddedS3Settings(
        Optional.empty(), 0, DEVELOPMENT_ACCESS_KEY, DEVELOPMENT_SECRET_KEY);
  }

  /** In a folder that is kept, any port, development keys. */
  public static EmbeddedS3Settings in(Path folder) {
    return new EmbeddedS3Settings(
        Optional.of(folder), 0, DEVELOPMENT_ACCESS_KEY, DEVELOPMENT_SECRET_KEY);
  }

  @Override
  public String toString() {
    return "EmbeddedS3Settings[folder="
        + folder
        + ", port="
        + port
        + ", accessKey="
        + accessKey
        + ", secretKey=***]";
  }
}
