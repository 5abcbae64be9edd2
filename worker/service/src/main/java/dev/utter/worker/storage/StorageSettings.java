package dev.utter.worker.storage;

import static java.util.Objects.requireNonNull;

import dev.utter.speech.cache.CacheFolder;
import dev.utter.worker.settings.source.Secret;
import dev.utter.worker.settings.source.Setting;
import dev.utter.worker.settings.source.SettingDefault;
import dev.utter.worker.settings.source.SettingGroup;
import dev.utter.worker.settings.source.SettingType;
import dev.utter.worker.settings.source.SettingsException;
import dev.utter.worker.settings.source.SettingsSource;
import dev.utter.worker.storage.secret.CredentialFiles;
import dev.utter.worker.storage.secret.StorageCredentials;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Settings of {@link ObjectStore}; section {@code storage}. */
public record StorageSettings(
    URI endpoint,
    String region,
    StorageCredentials credentials,
    Duration callTimeout,
    long maxObjectBytes,
    Map<String, String> headers,
    Optional<Path> trustedCertificates,
    Path modelCache) {
  /** The settings. */
  public static final SettingGroup GROUP = new SettingGroup("storage", "Object store");

  private static final String MODEL_FOLDER = "models";

  /** Without it a worker has no store. */
  public static final Setting<URI> ENDPOINT =
      GROUP.everyday(
          "endpoint",
          SettingType.url()
              .must(
                  "http:// or https:// with a host and perhaps a port, and nothing else",
                  StorageSettings::isServer),
          SettingDefault.otherwise("required for synthesis and verification"),
          "URL of S3 or a store that speaks it");

  /** The default is what MinIO takes if nothing else is set. */
  private static final Setting<String> REGION =
      GROUP.everyday(
          "region", SettingType.textNotBlank(), "us-east-1", "region that requests are signed for");

  private static final Setting<CredentialSource> CREDENTIALS =
      GROUP.everyday(
          "credentials",
          SettingType.choice(CredentialSource.class),
          CredentialSource.KEYS,
          "`KEYS`: those of the next rows. `PLATFORM`: of the role that the platform gives the"
              + " process, a web identity token, the container's credentials or the instance's"
              + " role, as AWS's environment variables say; renewed before they end");

  private static final Setting<Secret> ACCESS_KEY =
      GROUP.everyday(
          "accessKey",
          SettingType.textOrReference(),
          SettingDefault.otherwise("required with `KEYS`"),
          "access key; `file:/path` is read again for every request, so that keys and tokens can"
              + " be replaced there");

  private static final Setting<Secret> SECRET_KEY =
      GROUP.everyday(
          "secretKey",
          SettingType.secret(),
          SettingDefault.otherwise("required with `KEYS`"),
          "secret key; a file is read again as for the access key");

  private static final Setting<Secret> SESSION_TOKEN =
      GROUP.advanced(
          "sessionToken",
          SettingType.secret(),
          SettingDefault.none(),
          "token of temporary keys; a file is read again as for the access key");

  private static final Setting<Duration> CALL_TIMEOUT =
      GROUP.advanced(
          "callTimeout",
          SettingType.duration()
              .must("1ms or more", value -> value.compareTo(Duration.ofMillis(1)) >= 0),
          Duration.ofMinutes(2),
          "how long a whole call may take, its connection included");

  /** Objects are read into one array. */
  private static final Setting<Long> MAX_OBJECT_BYTES =
      GROUP.advanced(
          "maxObjectBytes",
          SettingType.bytes(1, 1_000_000_000),
          50_000_000L,
          "largest object that is read: context recordings and clips that are verified");

  private static final Setting<Map<String, String>> HEADERS =
      GROUP.advanced(
          "headers", SettingType.properties(), SettingDefault.none(), "headers of every request");

  private static final Setting<Path> TRUSTED_CERTIFICATES =
      GROUP.advanced(
          "trustedCertificates",
          SettingType.path(),
          SettingDefault.otherwise("the JVM's"),
          "PEM file of the certificates to trust");

  private static final Setting<Path> MODEL_CACHE =
      GROUP.everyday(
          "modelCache",
          SettingType.path(),
          SettingDefault.otherwise("`models` in `UTTER_CACHE`, by default `~/.cache/utter`"),
          "folder that models of the store, `s3://bucket/prefix`, are pulled to");

  /** Checks every value. */
  public StorageSettings {
    ENDPOINT.check(endpoint);
    REGION.check(region);
    requireNonNull(credentials, "credentials is null");
    CALL_TIMEOUT.check(callTimeout);
    MAX_OBJECT_BYTES.check(maxObjectBytes);
    headers = Map.copyOf(requireNonNull(headers, "headers is null"));
    requireNonNull(trustedCertificates, "trustedCertificates is null");
    requireNonNull(modelCache, "modelCache is null");
  }

  /** The defaults for a server and an account. */
  public static StorageSettings defaults(URI endpoint, StorageCredentials credentials) {
    return read(SettingsSource.empty(), endpoint, credentials);
  }

  /** Reads the settings. */
  public static StorageSettings read(SettingsSource source) {
    return SettingsSource.checked(
        GROUP, () -> read(source, source.get(ENDPOINT), credentials(source)));
  }

  /** The largest object that is read, whether or not a store is used. */
  public static long maxObjectBytes(SettingsSource source) {
    return source.get(MAX_OBJECT_BYTES);
  }

  /** The folder for models of the store, whether or not a store is used. */
  public static Path modelCache(SettingsSource source) {
    return source.find(MODEL_CACHE).orElseGet(() -> CacheFolder.ofProcess().resolve(MODEL_FOLDER));
  }

  private static StorageSettings read(
      SettingsSource source, URI endpoint, StorageCredentials credentials) {
    return new StorageSettings(
        endpoint,
        source.get(REGION),
        credentials,
        source.get(CALL_TIMEOUT),
        source.get(MAX_OBJECT_BYTES),
        source.find(HEADERS).orElse(Map.of()),
        source.find(TRUSTED_CERTIFICATES),
        modelCache(source));
  }

  private static StorageCredentials credentials(SettingsSource source) {
    if (source.get(CREDENTIALS) == CredentialSource.PLATFORM) {
      for (Setting<Secret> key : List.of(ACCESS_KEY, SECRET_KEY, SESSION_TOKEN)) {
        if (source.find(key).isPresent()) {
          throw new SettingsException(
              key
                  + " is set, must not be with "
                  + CREDENTIALS
                  + " PLATFORM: the platform gives the keys");
        }
      }
      return StorageCredentials.FROM_PLATFORM;
    }
    Secret accessKey = source.get(ACCESS_KEY);
    Secret secretKey = source.get(SECRET_KEY);
    Optional<Secret> sessionToken = source.find(SESSION_TOKEN);
    return new StorageCredentials(
        accessKey.value(),
        secretKey.value(),
        sessionToken.map(Secret::value),
        new CredentialFiles(
            accessKey.file(), secretKey.file(), sessionToken.flatMap(Secret::file)));
  }

  private static boolean isServer(URI endpoint) {
    boolean web = "http".equals(endpoint.getScheme()) || "https".equals(endpoint.getScheme());
    boolean bare = endpoint.getRawPath() == null || endpoint.getRawPath().matches("/?");
    boolean plain =
        endpoint.getRawQuery() == null
            && endpoint.getRawFragment() == null
            && endpoint.getRawUserInfo() == null;
    return web && bare && plain && endpoint.getHost() != null;
  }

  /** Hides the values of the headers, which may hold secrets. */
  @Override
  public String toString() {
    return "StorageSettings[endpoint=%s, region=%s, credentials=%s, callTimeout=%s, maxObjectBytes=%d, headers=%s, trustedCertificates=%s, modelCache=%s]"
        .formatted(
            endpoint,
            region,
            credentials,
            callTimeout,
            maxObjectBytes,
            headers.keySet(),
            trustedCertificates,
            modelCache);
  }
}
