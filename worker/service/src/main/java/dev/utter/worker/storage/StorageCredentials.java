package dev.utter.worker.storage;

import static java.util.Objects.requireNonNull;

import java.util.Optional;

/**
 * Keys of an S3 account. The secret parts stay out of toString.
 *
 * @param accessKey access key
 * @param secretKey secret key
 * @param sessionToken token of temporary credentials
 */
public record StorageCredentials(
    String accessKey, String secretKey, Optional<String> sessionToken) {
  /** Checks that nothing is blank; a line end from a mounted file is a usual slip. */
  public StorageCredentials {
    requireText("accessKey", accessKey);
    requireText("secretKey", secretKey);
    sessionToken.ifPresent(token -> requireText("sessionToken", token));
  }

  /** Lasting credentials. */
  public StorageCredentials(String accessKey, String secretKey) {
    this(accessKey, secretKey, Optional.empty());
  }

  private static void requireText(String name, String value) {
    if (requireNonNull(value, name + " is null").isBlank() || !value.equals(value.strip())) {
      throw new IllegalArgumentException(
          name + " must not be blank, nor begin or end with white space");
    }
  }

  @Override
  public String toString() {
    return "StorageCredentials[accessKey=" + accessKey + ", secretKey=***]";
  }
}
