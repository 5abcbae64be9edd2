package dev.utter.embedded.registry;

import com.sun.net.httpserver.BasicAuthenticator;
import com.sun.net.httpserver.HttpContext;
import com.sun.net.httpserver.HttpServer;
import dev.utter.embedded.host.LoopbackPorts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * A schema registry in this JVM that speaks Confluent's REST interface for Avro: subjects,
 * versions, ids, GUIDs, compatibility (BACKWARD by default), config, mode, soft and permanent
 * deletion. Schema references, other schema types and the mode IMPORT are refused.
 *
 * <p>{@link #stop()} and {@link #start()} keep the port and the content. All methods may be called
 * from any thread; they run one at a time.
 */
public final class EmbeddedSchemaRegistry implements AutoCloseable {
  private static final int THREADS = 4;

  private final EmbeddedSchemaRegistrySettings settings;
  private final int port;
  private final RegistryHandler handler;
  private @Nullable HttpServer server;
  private @Nullable ExecutorService threads;

  private EmbeddedSchemaRegistry(EmbeddedSchemaRegistrySettings settings) {
    this.settings = settings;
    port = LoopbackPorts.orFree(settings.port());
    handler = new RegistryHandler(new SchemaRegistry(settings.file()));
  }

  /**
   * Starts the registry with the content of its file, if it has one.
   *
   * @throws UncheckedIOException if the port is taken or the file cannot be read
   */
  public static EmbeddedSchemaRegistry start(EmbeddedSchemaRegistrySettings settings) {
    EmbeddedSchemaRegistry registry = new EmbeddedSchemaRegistry(settings);
    registry.start();
    return registry;
  }

  /** URL for {@code schema.registry.url}. */
  public String url() {
    return "http://127.0.0.1:" + port;
  }

  /** Starts a stopped registry; does nothing if it runs. */
  public synchronized void start() {
    if (server != null) {
      return;
    }
    try {
      server = HttpServer.create(new InetSocketAddress("127.0.0.1", port), 0);
    } catch (IOException e) {
      throw new UncheckedIOException("the schema registry on " + url() + " did not start", e);
    }
    HttpContext context = server.createContext("/", handler);
    settings.credentials().ifPresent(known -> context.setAuthenticator(authenticator(known)));
    threads = Executors.newFixedThreadPool(THREADS);
    server.setExecutor(threads);
    server.start();
  }

  /** Stops the registry and keeps its content; clients see refused connections. */
  public synchronized void stop() {
    if (server == null || threads == null) {
      return;
    }
    server.stop(0);
    threads.shutdownNow();
    server = null;
  }

  /** Stops the registry. Content in memory is lost, content in a file is kept. */
  @Override
  public void close() {
    stop();
  }

  private static BasicAuthenticator authenticator(BasicCredentials known) {
    return new BasicAuthenticator("schema registry") {
      @Override
      public boolean checkCredentials(String user, String password) {
        return known.user().equals(user) && known.password().equals(password);
      }
    };
  }
}
