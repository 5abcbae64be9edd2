package dev.utter.worker.storage.secret;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Keys of an S3 account, or the choice to get them from the platform. The secret parts stay out of
 * toString.
 *
 * @param accessKey access key
 * @param secretKey secret key
 * @param sessionToken token of temporary credentials
 * @param files files that these were read from, and are read from again
 * @param fromPlatform whether there are none, and the platform is asked: see {@link #FROM_PLATFORM}
 */
public record StorageCredentials(
    String accessKey,
    String secretKey,
    Optional<String> sessionToken,
    CredentialFiles files,
    boolean fromPlatform) {
  /**
   * Credentials of the role that the platform runs this process in: a web identity token, the
   * container's credentials, or the instance's role, in this order, as AWS's environment variables
   * say. They are renewed before they expire.
   */
  public static final StorageCredentials FROM_PLATFORM =
      new StorageCredentials("", "", Optional.empty(), CredentialFiles.NONE, true);

  /** Checks that nothing is blank; a line end from a mounted file is a common mistake. */
  public StorageCredentials {
    if (!fromPlatform) {
      requireText("accessKey", accessKey);
      requireText("secretKey", secretKey);
      sessionToken.ifPresent(token -> requireText("sessionToken", token));
    }
    requireNonNull(files, "files is null");
  }

  /** Credentials some parts of which come from files. */
  public StorageCredentials(
      String accessKey, String secretKey, Optional<String> sessionToken, CredentialFiles files) {
    this(accessKey, secretKey, sessionToken, files, false);
  }

  /** Credentials that do not come from files. */
  public StorageCredentials(String accessKey, String secretKey, Optional<String> sessionToken) {
    this(accessKey, secretKey, sessionToken, CredentialFiles.NONE);
  }

  /** Permanent credentials. */
  public StorageCredentials(String accessKey, String secretKey) {
    this(accessKey, secretKey, Optional.empty());
  }

  /**
   * What the files say now, and these credentials where there is no file.
   *
   * @throws IOException if a file cannot be read
   * @throws IllegalArgumentException if a file holds no key
   */
  StorageCredentials current() throws IOException {
    return new StorageCredentials(
        text(files.accessKey(), accessKey),
        text(files.secretKey(), secretKey),
        files.sessionToken().isPresent()
            ? Optional.of(text(files.sessionToken(), ""))
            : sessionToken,
        files);
  }

  private static String text(Optional<Path> file, String otherwise) throws IOException {
    return file.isPresent() ? Files.readString(file.get()).stripTrailing() : otherwise;
  }

  private static void requireText(String name, String value) {
    if (requireNonNull(value, name + " is null").isBlank() || !value.equals(value.strip())) {
      throw new IllegalArgumentException(
          name + " must not be blank, nor begin or end with white space");
    }
  }

  @Override
  public String toString() {
    return fromPlatform
        ? "StorageCredentials[from the platform]"
        : "StorageCredentials[accessKey=" + accessKey + ", secretKey=***]";
  }
}
