package dev.utter.worker.storage;

import dev.utter.worker.failure.WorkerBrokenException;
import dev.utter.worker.storage.answer.AnswerReader;
import dev.utter.worker.storage.secret.CurrentCredentials;
import io.minio.Http;
import io.minio.MinioClient;
import io.minio.credentials.IamAwsProvider;
import io.minio.credentials.Provider;
import io.minio.errors.MinioException;
import java.time.Duration;
import okhttp3.OkHttpClient;
import okhttp3.Request;

/** The SDK's client on an HTTP client with the worker's timeouts, which follows no redirects. */
final class StorageClient implements AutoCloseable {
  /** The platform's credential services are on the same machine or close to it. */
  private static final Duration PLATFORM_TIMEOUT = Duration.ofSeconds(10);

  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);

  /** Max time between two bytes that arrive, or that are sent. */
  private static final Duration SILENCE_TIMEOUT = Duration.ofSeconds(30);

  private final OkHttpClient http;
  private final MinioClient minio;

  private StorageClient(OkHttpClient http, MinioClient minio) {
    this.http = http;
    this.minio = minio;
  }

  static StorageClient of(StorageSettings settings) {
    OkHttpClient http = http(settings);
    MinioClient minio =
        MinioClient.builder()
            .endpoint(settings.endpoint().toString())
            .region(settings.region())
            .credentialsProvider(credentials(settings))
            .httpClient(http)
            .build();
    return new StorageClient(http, minio);
  }

  MinioClient minio() {
    return minio;
  }

  @Override
  public void close() {
    http.dispatcher().cancelAll();
    http.dispatcher().executorService().shutdown();
    http.connectionPool().evictAll();
  }

  private static Provider credentials(StorageSettings settings) {
    if (!settings.credentials().fromPlatform()) {
      return new CurrentCredentials(settings.credentials());
    }
    OkHttpClient platform =
        new OkHttpClient.Builder()
            .connectTimeout(CONNECT_TIMEOUT)
            .callTimeout(PLATFORM_TIMEOUT)
            .followRedirects(false)
            .followSslRedirects(false)
            .build();
    return new IamAwsProvider(null, platform);
  }

  private static OkHttpClient http(StorageSettings settings) {
    OkHttpClient.Builder builder =
        new OkHttpClient.Builder()
            .socketFactory(new PromptSockets())
            .connectTimeout(CONNECT_TIMEOUT)
            .readTimeout(SILENCE_TIMEOUT)
            .writeTimeout(SILENCE_TIMEOUT)
            .callTimeout(settings.callTimeout())
            // Signature and headers of the settings are for this server alone.
            .followRedirects(false)
            .followSslRedirects(false)
            .addInterceptor(new AnswerReader());
    if (!settings.headers().isEmpty()) {
      builder.addInterceptor(
          chain -> {
            Request.Builder request = chain.request().newBuilder();
            settings.headers().forEach(request::header);
            return chain.proceed(request.build());
          });
    }
    OkHttpClient plain = builder.build();
    if (settings.trustedCertificates().isEmpty()) {
      return plain;
    }
    String file = settings.trustedCertificates().get().toString();
    try {
      return Http.enableExternalCertificates(plain, file, null);
    } catch (MinioException e) {
      throw new WorkerBrokenException("cannot read the trusted certificates in " + file, e);
    }
  }
}
