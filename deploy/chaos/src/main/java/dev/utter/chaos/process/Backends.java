package dev.utter.chaos.process;

import dev.utter.chaos.history.Entry;
import dev.utter.chaos.history.History;
import dev.utter.embedded.faults.Exchange;
import dev.utter.embedded.faults.FaultyHttp;
import dev.utter.embedded.kafka.EmbeddedKafkaSettings;
import dev.utter.embedded.kafka.KafkaProcess;
import dev.utter.embedded.registry.EmbeddedSchemaRegistry;
import dev.utter.embedded.registry.EmbeddedSchemaRegistrySettings;
import dev.utter.embedded.s3.EmbeddedS3;
import dev.utter.embedded.s3.EmbeddedS3Settings;
import dev.utter.events.TopicSpec;
import dev.utter.events.Topics;
import dev.utter.worker.storage.ObjectStore;
import dev.utter.worker.storage.OwnBuckets;
import dev.utter.worker.storage.StorageSettings;
import dev.utter.worker.storage.secret.StorageCredentials;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;

/**
 * Broker, registry and store of a run. The broker is a separate process. Registry and store run in
 * this JVM. Workers reach them through a faulty network; the harness does not.
 */
public final class Backends implements AutoCloseable {
  /** Bucket of the clips. */
  public static final String BUCKET = "utter-chaos";

  /** Prefix of the keys of clips. */
  public static final String PREFIX = "clips";

  private final Path folder;
  private final KafkaProcess kafka;
  private final EmbeddedSchemaRegistry registry;
  private final EmbeddedS3 s3;
  private final FaultyHttp registryNetwork;
  private final FaultyHttp storeNetwork;

  private Backends(Path folder, History history) {
    this.folder = folder;
    kafka = KafkaProcess.start(EmbeddedKafkaSettings.in(folder.resolve("kafka")));
    registry = EmbeddedSchemaRegistry.start(EmbeddedSchemaRegistrySettings.temporary());
    s3 = EmbeddedS3.start(EmbeddedS3Settings.in(folder.resolve("s3")));
    s3.createBucket(BUCKET);
    registryNetwork = new FaultyHttp(port(registry.url()), (exchange, status) -> {});
    storeNetwork =
        new FaultyHttp(port(s3.endpoint()), (exchange, status) -> log(history, exchange, status));
  }

  /** Starts all three and creates the topics; returns when they can be used. */
  public static Backends start(Path folder, History history, int partitions)
      throws InterruptedException {
    Backends backends = new Backends(folder, history);
    try {
      backends.createTopics(partitions);
      return backends;
    } catch (RuntimeException | InterruptedException e) {
      backends.close();
      throw e;
    }
  }

  private static void log(History history, Exchange exchange, int status) {
    if (exchange.method().equals("PUT")) {
      history.add(new Entry.Put(History.now(), exchange.client(), keyOf(exchange.path()), status));
    }
  }

  /** The key of an object in a path of the store; empty if the path names none. */
  public static String keyOf(String path) {
    String start = "/" + BUCKET + "/";
    return path.startsWith(start) ? path.substring(start.length()) : "";
  }

  /** Host and port for {@code bootstrap.servers}. */
  public String bootstrapServers() {
    return kafka.bootstrapServers();
  }

  /** URL of the registry, without faults. */
  public String registryUrl() {
    return registry.url();
  }

  /** The faulty network before the registry. */
  public FaultyHttp registryNetwork() {
    return registryNetwork;
  }

  /** The faulty network before the store. */
  public FaultyHttp storeNetwork() {
    return storeNetwork;
  }

  /** Access key of the store. */
  String accessKey() {
    return s3.accessKey();
  }

  /** Secret key of the store. */
  String secretKey() {
    return s3.secretKey();
  }

  /** The store, without faults; the caller closes it. */
  public ObjectStore store() {
    return ObjectStore.of(
        StorageSettings.defaults(
            URI.create(s3.endpoint()), new StorageCredentials(s3.accessKey(), s3.secretKey())),
        OwnBuckets.NONE);
  }

  /** The folder with the objects of the bucket, under their keys. */
  public Path objects() {
    return folder.resolve("s3").resolve(BUCKET);
  }

  /** Ends the broker as kill -9 does. */
  public void killBroker() {
    kafka.kill();
  }

  /** Starts the killed broker on the same ports and data. */
  public void startBroker() {
    kafka.start();
  }

  private void createTopics(int partitions) throws InterruptedException {
    List<NewTopic> topics =
        Topics.specs().stream()
            .map(
                spec ->
                    new NewTopic(spec.name(), partitions, (short) 1)
                        .configs(spec.limitedProperties(TopicSpec.IDS_REMEMBERED)))
            .toList();
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers()))) {
      admin.createTopics(topics).all().get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("cannot make the topics: " + e.getCause(), e);
    }
  }

  private static int port(String url) {
    return URI.create(url).getPort();
  }

  @Override
  public void close() {
    storeNetwork.close();
    registryNetwork.close();
    s3.close();
    registry.close();
    kafka.close();
  }
}
