package dev.utter.worker.storage;

import io.minio.credentials.Credentials;
import io.minio.credentials.Provider;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The credentials as their files have them when a request is signed, or as they were when the files
 * could last be read. Thread-safe.
 */
final class CurrentCredentials implements Provider {
  private static final Logger LOGGER = LoggerFactory.getLogger(CurrentCredentials.class);

  private StorageCredentials last;
  private boolean readable = true;

  CurrentCredentials(StorageCredentials first) {
    last = first;
  }

  @Override
  public synchronized Credentials fetch() {
    try {
      StorageCredentials now = last.current();
      if (!now.equals(last)) {
        LOGGER.atInfo().log("Credentials of the store changed");
      }
      last = now;
      readable = true;
    } catch (IOException | IllegalArgumentException e) {
      if (readable) {
        LOGGER
            .atWarn()
            .addKeyValue("error", e.toString())
            .log("Credentials of the store cannot be read, the last ones are used");
      }
      readable = false;
    }
    return new Credentials(
        last.accessKey(), last.secretKey(), last.sessionToken().orElse(null), null);
  }
}
