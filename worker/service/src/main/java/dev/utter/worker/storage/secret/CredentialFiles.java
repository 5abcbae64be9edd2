package dev.utter.worker.storage.secret;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;
import java.util.Optional;

/**
 * Files that the parts of an account's keys come from. They are read again whenever they are used,
 * because keys and tokens that expire are replaced there.
 *
 * @param accessKey file of the access key; empty if it was given in another way
 * @param secretKey file of the secret key; empty if it was given in another way
 * @param sessionToken file of the session token; empty if it was given in another way, or not
 */
public record CredentialFiles(
    Optional<Path> accessKey, Optional<Path> secretKey, Optional<Path> sessionToken) {

  /** No part comes from a file. */
  static final CredentialFiles NONE =
      new CredentialFiles(Optional.empty(), Optional.empty(), Optional.empty());

  /** Refuses nulls. */
  public CredentialFiles {
    requireNonNull(accessKey, "accessKey is null");
    requireNonNull(secretKey, "secretKey is null");
    requireNonNull(sessionToken, "sessionToken is null");
  }
}
