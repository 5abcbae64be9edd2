package dev.utter.embedded.s3;

import dev.utter.embedded.host.LoopbackPorts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import org.gaul.s3proxy.blobstore.BlobStore;
import org.gaul.s3proxy.nio2blob.FilesystemNio2BlobStore;
import org.gaul.s3proxy.nio2blob.TransientNio2BlobStore;
import org.jspecify.annotations.Nullable;

/**
 * An S3 server in this JVM, on a loopback port. It checks signatures and honours conditional puts
 * of a single part.
 *
 * <p>{@link #stop()} and {@link #start()} keep the port and the objects. All methods may be called
 * from any thread; they run one at a time.
 */
public final class EmbeddedS3 implements AutoCloseable {
  /** No wait for idle connections: a stop here is meant as an outage. */
  private static final long STOP_TIMEOUT_MILLIS = 0;

  private final EmbeddedS3Settings settings;
  private final int port;
  private final BlobStore store;
  private @Nullable S3Proxy server;

  private EmbeddedS3(EmbeddedS3Settings settings) {
    this.settings = settings;
    port = LoopbackPorts.orFree(settings.port());
    store = settings.folder().map(EmbeddedS3::folderStore).orElseGet(TransientNio2BlobStore::new);
  }

  /**
   * Starts the server.
   *
   * @throws IllegalStateException if it cannot be started
   */
  public static EmbeddedS3 start(EmbeddedS3Settings settings) {
    EmbeddedS3 s3 = new EmbeddedS3(settings);
    try {
      s3.start();
    } catch (RuntimeException e) {
      s3.store.close();
      throw e;
    }
    return s3;
  }

  /** URL of the server, without a trailing slash. */
  public String endpoint() {
    return "http://127.0.0.1:" + port;
  }

  /** Access key every request must be signed with. */
  public String accessKey() {
    return settings.accessKey();
  }

  /** Secret key every request must be signed with. */
  public String secretKey() {
    return settings.secretKey();
  }

  /** Creates a bucket; does nothing if it exists. Also works while the server is stopped. */
  public void createBucket(String name) {
    if (!store.containerExists(name)) {
      store.createContainer(name);
    }
  }

  /** Starts a stopped server; does nothing if it runs. */
  public synchronized void start() {
    if (server != null) {
      return;
    }
    S3Proxy starting =
        S3Proxy.builder()
            .endpoint(URI.create(endpoint()))
            .awsAuthentication(
                AuthenticationType.AWS_V2_OR_V4, settings.accessKey(), settings.secretKey())
            .blobStore(store)
            .stopTimeout(STOP_TIMEOUT_MILLIS)
            .build();
    try {
      starting.start();
    } catch (Exception e) {
      throw new IllegalStateException("the S3 server on " + endpoint() + " did not start", e);
    }
    server = starting;
  }

  /** Stops the server and keeps the objects; clients see refused connections. */
  public synchronized void stop() {
    if (server == null) {
      return;
    }
    try {
      server.stop();
    } catch (Exception e) {
      throw new IllegalStateException("the S3 server on " + endpoint() + " did not stop", e);
    }
    server = null;
  }

  /** Stops the server. Objects in memory are lost, objects in a folder are kept. */
  @Override
  public synchronized void close() {
    stop();
    store.close();
  }

  private static BlobStore folderStore(Path folder) {
    try {
      return new FilesystemNio2BlobStore(
          Files.createDirectories(folder.toAbsolutePath()).toString());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot make the folder " + folder, e);
    }
  }
}
