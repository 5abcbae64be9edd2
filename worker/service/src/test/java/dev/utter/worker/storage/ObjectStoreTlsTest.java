package dev.utter.worker.storage;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.utter.worker.failure.WorkerBrokenException;
import dev.utter.worker.storage.failure.StorageUnavailableException;
import dev.utter.worker.storage.object.ObjectLocation;
import dev.utter.worker.storage.secret.StorageCredentials;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ObjectStoreTlsTest {
  private static final ObjectLocation CLIP = ObjectLocation.newest("clips", "a.wav");
  private static final String PASSWORD = "changeit";

  @TempDir private static Path folder;
  private static Path certificate;
  private static HttpsServer server;

  @BeforeAll
  static void start() throws Exception {
    Path keys = folder.resolve("keys.p12");
    certificate = folder.resolve("certificate.pem");
    String keystore = "-keystore " + keys + " -storepass " + PASSWORD + " -alias store ";
    keytool("-genkeypair " + keystore + "-keyalg EC -dname CN=store -ext san=ip:127.0.0.1");
    keytool("-exportcert " + keystore + "-rfc -file " + certificate);
    server = HttpsServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(contextWith(keys)));
    server.createContext(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(200, 5);
          exchange.getResponseBody().write("hello".getBytes(UTF_8));
          exchange.close();
        });
    server.start();
  }

  @AfterAll
  static void stop() {
    server.stop(0);
  }

  @Test
  void trustsTheCertificatesOfTheSettings() {
    try (ObjectStore store = trusting(Optional.of(certificate))) {
      assertThat(store.read(CLIP)).isEqualTo("hello".getBytes(UTF_8));
    }
  }

  @Test
  void trustsNoOtherCertificate() {
    try (ObjectStore store = trusting(Optional.empty())) {
      assertThatThrownBy(() -> store.read(CLIP))
          .isInstanceOf(StorageUnavailableException.class)
          .hasMessageContaining("unable to find valid certification path");
    }
  }

  @Test
  void doesNotStartWithoutTheFileItIsToTrust() {
    Path missing = folder.resolve("missing.pem");

    assertThatThrownBy(() -> trusting(Optional.of(missing)))
        .isInstanceOf(WorkerBrokenException.class)
        .hasMessageContaining(missing.toString());
  }

  private ObjectStore trusting(Optional<Path> certificates) {
    return ObjectStore.of(
        new StorageSettings(
            URI.create("https://127.0.0.1:" + server.getAddress().getPort()),
            "us-east-1",
            new StorageCredentials("key", "secret-key"),
            Duration.ofMinutes(1),
            1_000_000,
            Map.of(),
            certificates,
            Path.of("models")),
        OwnBuckets.NONE);
  }

  private static SSLContext contextWith(Path keys) throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(keys)) {
      store.load(in, PASSWORD.toCharArray());
    }
    KeyManagerFactory managers =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(store, PASSWORD.toCharArray());
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(managers.getKeyManagers(), null, null);
    return context;
  }

  private static void keytool(String arguments) throws Exception {
    String tool = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
    Process process =
        new ProcessBuilder((tool + " " + arguments).split(" ")).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
  }
}
