package dev.utter.worker.storage;

import static java.util.Objects.requireNonNull;

import dev.utter.worker.storage.secret.StorageCredentials;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * Settings of {@link ObjectStore}.
 *
 * @param endpoint URL of the S3 server, http or https, without a path
 * @param region region to sign for; default us-east-1, which MinIO takes unless told otherwise
 * @param credentials keys of the account
 * @param connectTimeout to open a connection; default 5 s
 * @param readTimeout between two arriving bytes; default 30 s
 * @param writeTimeout between two sent bytes; default 30 s
 * @param callTimeout for a whole call; default 2 min
 * @param maxObjectBytes largest object that is read; default 50 MB
 * @param headers further headers of every request
 * @param trustedCertificates PEM file of the certificates to trust; the JVM's own if empty
 */
public record StorageSettings(
    URI endpoint,
    String region,
    StorageCredentials credentials,
    Duration connectTimeout,
    Duration readTimeout,
    Duration writeTimeout,
    Duration callTimeout,
    long maxObjectBytes,
    Map<String, String> headers,
    Optional<Path> trustedCertificates) {
  /** Default region. */
  public static final String DEFAULT_REGION = "us-east-1";

  /** Default time to open a connection. */
  public static final Duration DEFAULT_CONNECT_TIMEOUT = Duration.ofSeconds(5);

  /** Default time between two arriving bytes. */
  public static final Duration DEFAULT_READ_TIMEOUT = Duration.ofSeconds(30);

  /** Default time between two sent bytes. */
  public static final Duration DEFAULT_WRITE_TIMEOUT = Duration.ofSeconds(30);

  /** Default time for a whole call. */
  public static final Duration DEFAULT_CALL_TIMEOUT = Duration.ofMinutes(2);

  /** Default size of the largest object that is read. */
  public static final long DEFAULT_MAX_OBJECT_BYTES = 50_000_000;

  /** Objects are read into one array. */
  private static final long LARGEST_MAX_OBJECT_BYTES = 1_000_000_000;

  /** Checks every value. */
  public StorageSettings {
    requireEndpoint(requireNonNull(endpoint, "endpoint is null"));
    if (requireNonNull(region, "region is null").isBlank()) {
      throw new IllegalArgumentException("region is blank");
    }
    requireNonNull(credentials, "credentials is null");
    requirePositive("connectTimeout", connectTimeout);
    requirePositive("readTimeout", readTimeout);
    requirePositive("writeTimeout", writeTimeout);
    requirePositive("callTimeout", callTimeout);
    if (maxObjectBytes < 1 || maxObjectBytes > LARGEST_MAX_OBJECT_BYTES) {
      throw new IllegalArgumentException(
          "maxObjectBytes is " + maxObjectBytes + ", must be 1 to " + LARGEST_MAX_OBJECT_BYTES);
    }
    headers = Map.copyOf(requireNonNull(headers, "headers is null"));
    requireNonNull(trustedCertificates, "trustedCertificates is null");
  }

  /** The defaults for a server and an account. */
  public static StorageSettings defaults(URI endpoint, StorageCredentials credentials) {
    return new StorageSettings(
        endpoint,
        DEFAULT_REGION,
        credentials,
        DEFAULT_CONNECT_TIMEOUT,
        DEFAULT_READ_TIMEOUT,
        DEFAULT_WRITE_TIMEOUT,
        DEFAULT_CALL_TIMEOUT,
        DEFAULT_MAX_OBJECT_BYTES,
        Map.of(),
        Optional.empty());
  }

  private static void requireEndpoint(URI endpoint) {
    boolean web = "http".equals(endpoint.getScheme()) || "https".equals(endpoint.getScheme());
    boolean bare = endpoint.getRawPath() == null || endpoint.getRawPath().matches("/?");
    boolean plain =
        endpoint.getRawQuery() == null
            && endpoint.getRawFragment() == null
            && endpoint.getRawUserInfo() == null;
    if (!web || !bare || !plain || endpoint.getHost() == null) {
      throw new IllegalArgumentException(
          "endpoint is "
              + (endpoint.getRawUserInfo() == null ? endpoint : "a URL with a user")
              + ", must be http:// or https:// with a host and perhaps a port, and nothing else");
    }
  }

  private static void requirePositive(String name, Duration value) {
    if (requireNonNull(value, name + " is null").toMillis() < 1) {
      throw new IllegalArgumentException(name + " is " + value + ", must be at least 1 ms");
    }
  }

  /** Hides the values of the headers, which may hold secrets. */
  @Override
  public String toString() {
    return "StorageSettings[endpoint=%s, region=%s, credentials=%s, connectTimeout=%s, readTimeout=%s, writeTimeout=%s, callTimeout=%s, maxObjectBytes=%d, headers=%s, trustedCertificates=%s]"
        .formatted(
            endpoint,
            region,
            credentials,
            connectTimeout,
            readTimeout,
            writeTimeout,
            callTimeout,
            maxObjectBytes,
            headers.keySet(),
            trustedCertificates);
  }
}
