package dev.utter.embedded;

import dev.utter.embedded.kafka.EmbeddedKafka;
import dev.utter.embedded.registry.EmbeddedSchemaRegistry;
import dev.utter.embedded.s3.EmbeddedS3;
import dev.utter.events.Topics;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Kafka, a schema registry and S3 in this JVM, on loopback ports. Each part can be stopped and
 * started again on the same port with the same data, to test how clients react. Methods may be
 * called from any thread.
 */
public final class EmbeddedStack implements AutoCloseable {
  private final EmbeddedKafka kafka;
  private final EmbeddedSchemaRegistry schemaRegistry;
  private final EmbeddedS3 s3;

  private EmbeddedStack(EmbeddedKafka kafka, EmbeddedSchemaRegistry schemaRegistry, EmbeddedS3 s3) {
    this.kafka = kafka;
    this.schemaRegistry = schemaRegistry;
    this.s3 = s3;
  }

  /**
   * Starts the three parts in parallel; returns when all can be used.
   *
   * @throws IllegalStateException if one does not start; the others are stopped again
   */
  public static EmbeddedStack start(EmbeddedStackSettings settings) {
    ExecutorService starters = Executors.newFixedThreadPool(2);
    CompletableFuture<EmbeddedKafka> kafka =
        CompletableFuture.supplyAsync(() -> EmbeddedKafka.start(settings.kafka()), starters);
    CompletableFuture<EmbeddedS3> s3 =
        CompletableFuture.supplyAsync(() -> EmbeddedS3.start(settings.s3()), starters);
    CompletableFuture<EmbeddedSchemaRegistry> schemaRegistry =
        CompletableFuture.supplyAsync(
            () -> EmbeddedSchemaRegistry.start(settings.schemaRegistry()), starters);
    starters.shutdown();
    try {
      CompletableFuture.allOf(kafka, schemaRegistry, s3).join();
    } catch (CompletionException e) {
      for (CompletableFuture<? extends AutoCloseable> part : List.of(kafka, schemaRegistry, s3)) {
        closeIfStarted(part, e);
      }
      throw new IllegalStateException("the embedded stack did not start: " + e.getMessage(), e);
    }
    return new EmbeddedStack(kafka.join(), schemaRegistry.join(), s3.join());
  }

  /** Host and port for {@code bootstrap.servers}. */
  public String bootstrapServers() {
    return kafka.bootstrapServers();
  }

  /** URL for {@code schema.registry.url}. */
  public String schemaRegistryUrl() {
    return schemaRegistry.url();
  }

  /** URL of the S3 server. */
  public String s3Endpoint() {
    return s3.endpoint();
  }

  /** Access key of the S3 server. */
  public String s3AccessKey() {
    return s3.accessKey();
  }

  /** Secret key of the S3 server. */
  public String s3SecretKey() {
    return s3.secretKey();
  }

  /** Creates the missing topics of {@link Topics#all()}; the status topic is compacted. */
  public void createTopics(int partitions) {
    StackTopics.create(bootstrapServers(), partitions);
  }

  /** Creates a bucket; does nothing if it exists. */
  public void createBucket(String name) {
    s3.createBucket(name);
  }

  /** Stops and starts the broker. */
  public void restartBroker() {
    kafka.restart();
  }

  /** Stops the broker; clients see refused connections. */
  public void stopBroker() {
    kafka.stop();
  }

  /** Starts the stopped broker. */
  public void startBroker() {
    kafka.start();
  }

  /** Stops the S3 server; clients see refused connections. */
  public void stopS3() {
    s3.stop();
  }

  /** Starts the stopped S3 server. */
  public void startS3() {
    s3.start();
  }

  /** Stops the schema registry; clients see refused connections. */
  public void stopSchemaRegistry() {
    schemaRegistry.stop();
  }

  /** Starts the stopped schema registry. */
  public void startSchemaRegistry() {
    schemaRegistry.start();
  }

  /** Stops all parts, even if one fails to stop, and deletes temporary data. */
  @Override
  public void close() {
    List<RuntimeException> failures = new ArrayList<>();
    for (Runnable close : List.<Runnable>of(s3::close, schemaRegistry::close, kafka::close)) {
      try {
        close.run();
      } catch (RuntimeException e) {
        failures.add(e);
      }
    }
    if (!failures.isEmpty()) {
      RuntimeException first = failures.remove(0);
      failures.forEach(first::addSuppressed);
      throw first;
    }
  }

  private static void closeIfStarted(
      CompletableFuture<? extends AutoCloseable> part, Exception cause) {
    part.handle(
            (started, failure) -> {
              if (started != null) {
                try {
                  started.close();
                } catch (Exception e) {
                  cause.addSuppressed(e);
                }
              }
              return null;
            })
        .join();
  }
}
