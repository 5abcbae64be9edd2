package dev.utter.worker.storage.secret;

import io.minio.credentials.Credentials;
import io.minio.credentials.Provider;

/**
 * Reads the credentials from their files whenever a request is signed; keeps the last ones if a
 * file cannot be read. Thread-safe.
 */
public final class CurrentCredentials implements Provider {
  private final ReloadedValue<StorageCredentials> credentials;

  public CurrentCredentials(StorageCredentials first) {
    credentials =
        new ReloadedValue<>(
            first,
            StorageCredentials::current,
            "Credentials of the store changed",
            "Credentials of the store cannot be read, the last ones are used");
  }

  @Override
  public Credentials fetch() {
    StorageCredentials now = credentials.get();
    return new Credentials(now.accessKey(), now.secretKey(), now.sessionToken().orElse(null), null);
  }
}
