package dev.utter.worker.storage.secret;

import io.minio.credentials.Credentials;
import io.minio.credentials.Provider;

/**
 * The credentials as their files have them when a request is signed, or as they were when the files
 * could last be read. Thread-safe.
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
