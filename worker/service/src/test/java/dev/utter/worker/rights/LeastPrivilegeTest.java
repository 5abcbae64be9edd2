package dev.utter.worker.rights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.utter.embedded.EmbeddedStack;
import dev.utter.embedded.EmbeddedStackSettings;
import dev.utter.embedded.faults.Exchange;
import dev.utter.embedded.faults.FaultyHttp;
import dev.utter.embedded.faults.Interception;
import dev.utter.events.ContextUtterance;
import dev.utter.events.GenerationOptions;
import dev.utter.events.ObjectReference;
import dev.utter.events.SynthesisRequested;
import dev.utter.events.Topics;
import dev.utter.speech.audio.AudioClip;
import dev.utter.speech.audio.AudioLimits;
import dev.utter.speech.audio.FileFormat;
import dev.utter.speech.audio.encode.AudioEncoder;
import dev.utter.worker.WorkerProcess;
import dev.utter.worker.avro.EventSerializer;
import dev.utter.worker.rights.WorkerAccess.Grant;
import dev.utter.worker.settings.WorkerSettings;
import dev.utter.worker.storage.ObjectStore;
import dev.utter.worker.storage.OwnBuckets;
import dev.utter.worker.storage.StorageSettings;
import dev.utter.worker.storage.object.ObjectLocation;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A worker on brokers and a store that hold it to the documented rights. */
@Tag("integration")
class LeastPrivilegeTest {
  private static final int FORBIDDEN = 403;
  private static final String CONTEXT = "context/voice.wav";
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final Path HOME = Path.of(System.getProperty("utter.home"));

  @TempDir Path state;
  private EmbeddedStack stack;
  private FaultyHttp store;
  private final Set<String> refused = ConcurrentHashMap.newKeySet();
  private Admin admin;
  private KafkaProducer<byte[], byte[]> producer;

  @BeforeEach
  void open() {
    EmbeddedStackSettings settings = EmbeddedStackSettings.temporary();
    stack =
        EmbeddedStack.start(
            new EmbeddedStackSettings(
                settings
                    .kafka()
                    .with(
                        "authorizer.class.name",
                        "org.apache.kafka.metadata.authorizer.StandardAuthorizer")
                    // What has rights at all is held to them; brokers among themselves have none.
                    .with("allow.everyone.if.no.acl.found", "true"),
                settings.schemaRegistry(),
                settings.s3()));
    stack.createTopics(1);
    stack.createBucket("utter-clips");
    store = new FaultyHttp(URI.create(stack.s3Endpoint()).getPort(), (exchange, status) -> {});
    Map<String, Object> kafka = Map.of("bootstrap.servers", stack.bootstrapServers());
    admin = Admin.create(kafka);
    producer = new KafkaProducer<>(kafka, new ByteArraySerializer(), new ByteArraySerializer());
  }

  @AfterEach
  void close() {
    producer.close(Duration.ZERO);
    admin.close();
    store.close();
    stack.close();
  }

  @Test
  void aWorkerWorksWithItsRightsAndHasNoOthers() throws Exception {
    // Given
    WorkerSettings settings = settings();
    List<AclBinding> rights =
        WorkerAccess.of(settings).stream()
            .flatMap(
                grant -> grant.operations().stream().map(operation -> binding(grant, operation)))
            .toList();
    admin.createAcls(rights).all().get();
    List<StoreAccess.Grant> storeRights = StoreAccess.of(settings);
    store.add(
        Interception.refuse(
            exchange -> !permits(storeRights, exchange), FORBIDDEN, "AccessDenied"));
    putContext(settings);

    try (WorkerProcess worker = new WorkerProcess(settings)) {
      // When
      worker.start();
      await().atMost(PATIENCE).until(worker::isReady);
      publish();

      // Then
      for (String topic : List.of(Topics.COMPLETED, Topics.VERIFIED, Topics.STATUS)) {
        await().atMost(PATIENCE).until(() -> end(topic) > 0);
      }
      assertThat(end(Topics.DEAD_LETTERS)).isZero();
      assertThat(worker.isReady()).isTrue();
      assertThat(refused).isEmpty();
      assertThatThrownBy(() -> send(Topics.VERIFICATION_REQUESTS, new byte[] {1}))
          .hasCauseInstanceOf(TopicAuthorizationException.class);
    }
  }

  /** Whether the rights cover a request; one that they do not cover is noted. */
  private boolean permits(List<StoreAccess.Grant> rights, Exchange exchange) {
    String resource = exchange.path().substring(1);
    boolean isObject = resource.indexOf('/') > 0;
    String action =
        switch (exchange.method()) {
          case "GET", "HEAD" -> isObject ? "s3:GetObject" : "s3:ListBucket";
          case "PUT" -> "s3:PutObject";
          default -> exchange.method();
        };
    boolean permitted =
        rights.stream()
            .filter(grant -> grant.actions().contains(action))
            .map(StoreAccess.Grant::resource)
            .anyMatch(
                allowed ->
                    allowed.endsWith("*")
                        ? resource.startsWith(allowed.substring(0, allowed.length() - 1))
                        : resource.equals(allowed));
    if (!permitted) {
      refused.add(exchange.method() + " " + resource);
    }
    return permitted;
  }

  private void putContext(WorkerSettings settings) {
    StorageSettings storage = settings.storage().orElseThrow();
    byte[] voice =
        new AudioEncoder(AudioLimits.DEFAULT)
            .encode(new AudioClip(new float[24_000], 24_000), FileFormat.WAV_PCM16);
    try (ObjectStore owner =
        ObjectStore.of(
            StorageSettings.defaults(URI.create(stack.s3Endpoint()), storage.credentials()),
            OwnBuckets.NONE)) {
      owner.putIfAbsent(
          ObjectLocation.newest("utter-clips", CONTEXT), voice, "audio/wav", Map.of());
    }
  }

  private static AclBinding binding(Grant grant, String operation) {
    return new AclBinding(
        new ResourcePattern(
            ResourceType.valueOf(grant.resource().name()),
            grant.name(),
            grant.prefixed() ? PatternType.PREFIXED : PatternType.LITERAL),
        new AccessControlEntry(
            "User:ANONYMOUS",
            "*",
            AclOperation.valueOf(
                operation.replaceAll("(?<=[a-z])(?=[A-Z])", "_").toUpperCase(Locale.ROOT)),
            AclPermissionType.ALLOW));
  }

  private void publish() throws ExecutionException, InterruptedException {
    SynthesisRequested request =
        SynthesisRequested.newBuilder()
            .setRequestId("least-privilege")
            .setText("Good morning.")
            .setContext(
                List.of(
                    new ContextUtterance(
                        0, "Hello.", new ObjectReference("utter-clips", CONTEXT, null))))
            .setOptions(
                GenerationOptions.newBuilder().setMaxDurationMillis(1_000).setSeed(1L).build())
            .setRequestedAt(Instant.now())
            .build();
    try (EventSerializer serializer =
        new EventSerializer(Map.of("schema.registry.url", stack.schemaRegistryUrl()))) {
      send(Topics.REQUESTS, serializer.serialize(Topics.REQUESTS, request));
    }
  }

  private void send(String topic, byte[] value) throws ExecutionException, InterruptedException {
    byte[] key = "least-privilege".getBytes(StandardCharsets.UTF_8);
    producer.send(new ProducerRecord<>(topic, key, value)).get();
  }

  private long end(String topic) throws ExecutionException, InterruptedException {
    TopicPartition partition = new TopicPartition(topic, 0);
    return admin
        .listOffsets(Map.of(partition, OffsetSpec.latest()))
        .partitionResult(partition)
        .get()
        .offset();
  }

  private WorkerSettings settings() {
    return WorkerSettings.parse(
        """
        worker: {name: worker-1, development: true}
        kafka: {bootstrapServers: "%s", stateFolder: "%s"}
        registry: {url: "%s"}
        output: {bucket: utter-clips}
        storage: {endpoint: "%s", accessKey: "%s"}
        model: {source: "%s"}
        http: {address: 127.0.0.1, port: 0}
        """
            .formatted(
                stack.bootstrapServers(),
                state,
                stack.schemaRegistryUrl(),
                store.url("worker"),
                stack.s3AccessKey(),
                HOME.resolve("worker/speech/models/development")),
        Map.of("UTTER_STORAGE_SECRET_KEY", stack.s3SecretKey()));
  }
}
