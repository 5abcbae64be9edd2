package dev.utter.producer.client;

import static java.util.Objects.requireNonNull;

/**
 * How to reach the object store.
 *
 * @param endpoint its URL
 * @param region its region; without it the client would have to look it up
 * @param accessKey access key
 * @param secretKey secret key
 */
public record StorageAccess(String endpoint, String region, String accessKey, String secretKey) {

  public StorageAccess {
    requireNonNull(endpoint, "endpoint is null");
    requireNonNull(region, "region is null");
    requireNonNull(accessKey, "accessKey is null");
    requireNonNull(secretKey, "secretKey is null");
  }

  /** Leaves the keys out. */
  @Override
  public String toString() {
    return "StorageAccess[" + endpoint + ", " + region + "]";
  }
}
