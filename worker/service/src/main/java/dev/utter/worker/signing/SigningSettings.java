package dev.utter.worker.signing;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;
import java.util.Optional;

/**
 * Settings of signing; section {@code signing}.
 *
 * @param privateKeyFile PEM file with the Ed25519 key that clips are signed with, as PKCS #8; empty
 *     if they are not signed
 */
public record SigningSettings(Optional<Path> privateKeyFile) {

  /** Clips are not signed. */
  public static final SigningSettings NONE = new SigningSettings(Optional.empty());

  /**
   * Reads the key once, so that a wrong file is found before anything is started.
   *
   * @throws IllegalArgumentException if the file cannot be read or holds no such key
   */
  public SigningSettings {
    requireNonNull(privateKeyFile, "privateKeyFile is null");
    privateKeyFile.ifPresent(
        file -> {
          try {
            SigningKey.read(file);
          } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("signing.privateKeyFile: " + e.getMessage(), e);
          }
        });
  }
}
