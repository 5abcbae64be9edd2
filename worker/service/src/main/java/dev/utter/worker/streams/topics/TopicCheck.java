package dev.utter.worker.streams.topics;

import static java.util.Objects.requireNonNull;

import dev.utter.events.TopicSpec;
import dev.utter.events.Topics;
import dev.utter.worker.failure.RetryLaterException;
import dev.utter.worker.failure.WorkerBrokenException;
import dev.utter.worker.threads.Pause;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.DisconnectException;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checks at start that the topics exist, fit each other, and are configured for the worker's
 * guarantees. A fault is reported with the command that corrects it.
 *
 * <p>Every method throws {@link RetryLaterException} if the brokers do not answer.
 */
public final class TopicCheck implements AutoCloseable {
  private static final Logger LOGGER = LoggerFactory.getLogger(TopicCheck.class);
  private static final Duration PAUSE = Duration.ofMillis(200);
  private static final int PAUSES = 50;

  /**
   * A higher limit for decompressed records is too high for a stage, which holds some dozens of
   * them; Kafka's default is the longest array.
   */
  private static final int MAX_DECOMPRESSED_BYTES = 4 << 20;

  /** Short timeouts, because a start that waits for the brokers repeats its requests. */
  private static final Map<String, String> QUICK =
      Map.of("default.api.timeout.ms", "15000", "request.timeout.ms", "10000");

  private final Admin admin;
  private final String servers;
  private final Pause pause;

  private TopicCheck(Admin admin, String servers, Pause pause) {
    this.admin = requireNonNull(admin, "admin is null");
    this.servers = servers;
    this.pause = requireNonNull(pause, "pause is null");
  }

  /**
   * A check through an admin client of its own.
   *
   * @param client properties of the client, {@code bootstrap.servers} among them
   * @throws RetryLaterException if none of the addresses can be resolved
   */
  public static TopicCheck open(Map<String, String> client, Pause pause) {
    Map<String, Object> properties = new HashMap<>(QUICK);
    properties.putAll(client);
    String servers = requireNonNull(client.get("bootstrap.servers"), "servers is null");
    try {
      return new TopicCheck(Admin.create(properties), servers, pause);
    } catch (KafkaException e) {
      // The client wraps an address that cannot be resolved in one of these.
      if (e.getCause() instanceof ConfigException cause
          && String.valueOf(cause.getMessage()).contains("bootstrap")) {
        throw new RetryLaterException("Kafka at " + servers + ": " + cause.getMessage(), e);
      }
      throw new WorkerBrokenException("the Kafka client cannot be made: " + root(e), e);
    }
  }

  /** The client behind it. */
  public Admin admin() {
    return admin;
  }

  /**
   * Checks that the topics exist.
   *
   * @throws RetryLaterException naming those that do not; they can be created meanwhile
   */
  public void requireTopics(Collection<String> topics) {
    Set<String> missing = missing(topics);
    if (!missing.isEmpty()) {
      throw new RetryLaterException(
          "missing topics: "
              + String.join(", ", missing)
              + "; create them, or set kafka.createTopics and the worker does",
          null);
    }
  }

  /**
   * Checks that the topics have the same number of partitions.
   *
   * @return that number
   * @throws WorkerBrokenException with each one's number if they differ
   */
  public int requireEqualPartitions(List<String> topics) {
    Map<String, Integer> partitions = partitions(topics);
    int most = partitions.values().stream().mapToInt(Integer::intValue).max().orElse(0);
    List<String> commands = unequal(topics).stream().map(TopicDifference::remedy).toList();
    if (!commands.isEmpty()) {
      throw new WorkerBrokenException(
          "topics that are joined by key must have the same number of partitions, but have: "
              + partitions.entrySet().stream()
                  .map(entry -> entry.getKey() + " " + entry.getValue())
                  .collect(Collectors.joining(", "))
              + "; run: "
              + String.join("; ", commands));
    }
    return most;
  }

  /**
   * Checks that the state of a stage has as many partitions as its inputs. With more partitions a
   * key is in another one, and Kafka Streams does not move its state.
   *
   * @param application id of the stage's Kafka Streams application
   * @param store its store
   * @param partitions of the inputs
   * @param loss what is lost with the store
   * @throws WorkerBrokenException with the commands to run if the numbers differ
   */
  public void requireStore(String application, String store, int partitions, String loss) {
    String changelog = application + "-" + store + "-changelog";
    Integer kept = partitions(List.of(changelog)).get(changelog);
    if (kept != null && kept != partitions) {
      throw new WorkerBrokenException(
          ("the inputs of %s have %d partitions, but %s has %d: partitions were added. To go on,"
                  + " stop all workers; run: kafka-topics --bootstrap-server %s --delete --topic"
                  + " %s; delete the folder %s of every worker's kafka.stateFolder; start the"
                  + " workers. %s")
              .formatted(
                  application, partitions, changelog, kept, servers, changelog, application, loss));
    }
  }

  /**
   * Checks how the topics are configured. A property that would lose or refuse records is an error;
   * one that is merely unusual, or that the worker may not read, is a warning in the log.
   *
   * @param idsRemembered how long request ids are remembered
   * @throws RetryLaterException with the commands to run; they can be run meanwhile
   */
  public void requireSettings(Collection<TopicSpec> specs, Duration idsRemembered) {
    warnOfUnlimited(specs);
    List<TopicDifference> defects = settingsDifferences(specs, idsRemembered);
    if (!defects.isEmpty()) {
      throw new RetryLaterException(
          defects.stream().map(TopicDifference::toString).collect(Collectors.joining("; ")), null);
    }
  }

  private List<TopicDifference> settingsDifferences(
      Collection<TopicSpec> specs, Duration idsRemembered) {
    List<TopicDifference> defects = new ArrayList<>();
    specs.forEach(
        spec ->
            configuration(spec.name())
                .ifPresent(
                    config ->
                        new TopicSettings(spec, config, idsRemembered, servers).check(defects)));
    return defects;
  }

  /**
   * Everything in which the cluster differs from what the workers need.
   *
   * @param equal groups of topics that must have the same number of partitions
   * @param partitions of topics that are to be created
   * @param replication of these; empty for the broker's default
   * @param idsRemembered how long request ids are remembered
   */
  public List<TopicDifference> differences(
      Collection<TopicSpec> specs,
      List<List<String>> equal,
      int partitions,
      OptionalInt replication,
      Duration idsRemembered) {
    List<TopicDifference> differences =
        new ArrayList<>(missing(specs, partitions, replication, idsRemembered));
    Set<TopicDifference> unequal = new LinkedHashSet<>();
    equal.forEach(group -> unequal.addAll(unequal(group)));
    differences.addAll(unequal);
    differences.addAll(settingsDifferences(specs, idsRemembered));
    specs.forEach(spec -> unlimited(spec.name()).ifPresent(differences::add));
    return differences;
  }

  /** The topics that are missing, each with the command that creates it. */
  public List<TopicDifference> missing(
      Collection<TopicSpec> specs,
      int partitions,
      OptionalInt replication,
      Duration idsRemembered) {
    Set<String> missing = missing(specs.stream().map(TopicSpec::name).toList());
    return specs.stream()
        .filter(spec -> missing.contains(spec.name()))
        .map(
            spec ->
                new TopicDifference(
                    spec.name(),
                    spec.name() + " is missing",
                    creation(spec, partitions, replication, idsRemembered)))
        .toList();
  }

  private String creation(
      TopicSpec spec, int partitions, OptionalInt replication, Duration idsRemembered) {
    StringBuilder command =
        new StringBuilder("kafka-topics --bootstrap-server ")
            .append(servers)
            .append(" --create --topic ")
            .append(spec.name())
            .append(" --partitions ")
            .append(partitions);
    replication.ifPresent(replicas -> command.append(" --replication-factor ").append(replicas));
    new TreeMap<>(spec.limitedProperties(idsRemembered))
        .forEach((name, value) -> command.append(" --config ").append(name + "=" + value));
    return command.toString();
  }

  private List<TopicDifference> unequal(List<String> topics) {
    Map<String, Integer> partitions = partitions(topics);
    int most = partitions.values().stream().mapToInt(Integer::intValue).max().orElse(0);
    return partitions.entrySet().stream()
        .filter(entry -> entry.getValue() < most)
        .map(
            entry ->
                new TopicDifference(
                    entry.getKey(),
                    "%s has %d partitions, topics that it is joined with have %d"
                        .formatted(entry.getKey(), entry.getValue(), most),
                    addition(entry.getKey(), most)))
        .toList();
  }

  private String addition(String topic, int partitions) {
    return "kafka-topics --bootstrap-server %s --alter --topic %s --partitions %d"
        .formatted(servers, topic, partitions);
  }

  /** The difference in the limit of decompressed size; empty if the brokers have no such limit. */
  private Optional<TopicDifference> unlimited(String topic) {
    String property = TopicSpec.MAX_DECOMPRESSED_MESSAGE_BYTES;
    return Topics.ofPublishers().contains(topic)
        ? configuration(topic)
            .filter(config -> config.containsKey(property) && !limitsDecompressed(config))
            .map(
                config ->
                    new TopicDifference(
                        topic,
                        "%s has %s=%s: one small compressed record can fill the memory of a worker"
                            .formatted(topic, property, config.get(property)),
                        TopicSettings.alter(
                            servers,
                            topic,
                            property,
                            Integer.toString(TopicSpec.DECOMPRESSED_BYTES))))
        : Optional.empty();
  }

  /** Largest batch each topic takes, in bytes; without topics that the worker may not read. */
  public Map<String, Integer> maxMessageBytes(Collection<String> topics) {
    Map<String, Integer> limits = new TreeMap<>();
    for (String topic : topics) {
      configuration(topic)
          .map(config -> config.get(TopicSpec.MAX_MESSAGE_BYTES))
          .ifPresent(bytes -> limits.put(topic, Integer.parseInt(bytes)));
    }
    return limits;
  }

  /**
   * Creates what is missing, with its configuration.
   *
   * @param replication replicas; empty for the broker's default
   * @param idsRemembered how long request ids are remembered
   */
  public void create(
      Collection<TopicSpec> specs,
      int partitions,
      OptionalInt replication,
      Duration idsRemembered) {
    List<String> topics = specs.stream().map(TopicSpec::name).toList();
    Set<String> missing = missing(topics);
    List<TopicSpec> wanted = specs.stream().filter(spec -> missing.contains(spec.name())).toList();
    try {
      create(wanted, partitions, replication, spec -> spec.limitedProperties(idsRemembered));
    } catch (InvalidConfigurationException e) {
      LOGGER.atInfo().addKeyValue("answer", e.getMessage()).log("Creating topics without a limit");
      create(wanted, partitions, replication, spec -> spec.properties(idsRemembered));
    }
    for (int i = 0; i < PAUSES && !missing(topics).isEmpty(); i++) {
      pause.await(PAUSE);
    }
  }

  private void create(
      List<TopicSpec> wanted,
      int partitions,
      OptionalInt replication,
      Function<TopicSpec, Map<String, String>> properties) {
    List<NewTopic> topics =
        wanted.stream()
            .map(
                spec ->
                    new NewTopic(
                            spec.name(),
                            Optional.of(partitions),
                            replication.isPresent()
                                ? Optional.of((short) replication.getAsInt())
                                : Optional.empty())
                        .configs(properties.apply(spec)))
            .toList();
    admin
        .createTopics(topics)
        .values()
        .forEach(
            (topic, future) -> {
              try {
                get(future);
              } catch (TopicExistsException e) {
                // Another worker created it first.
              }
            });
  }

  private void warnOfUnlimited(Collection<TopicSpec> specs) {
    List<String> unlimited = withoutDecompressedLimit(specs.stream().map(TopicSpec::name).toList());
    if (!unlimited.isEmpty()) {
      LOGGER
          .atWarn()
          .addKeyValue("topics", unlimited)
          .addKeyValue(
              "remedy",
              "set %s=%d on them, which Kafka has from 4.4 on"
                  .formatted(
                      TopicSpec.MAX_DECOMPRESSED_MESSAGE_BYTES, TopicSpec.DECOMPRESSED_BYTES))
          .addKeyValue("consequence", "one small compressed record can fill the memory of a worker")
          .log("Topics take records of any size after decompression");
    }
  }

  /** Those that publishers write and that do not limit what one of their records expands to. */
  List<String> withoutDecompressedLimit(Collection<String> topics) {
    return topics.stream()
        .filter(Topics.ofPublishers()::contains)
        .filter(topic -> configuration(topic).filter(it -> !limitsDecompressed(it)).isPresent())
        .toList();
  }

  private static boolean limitsDecompressed(Map<String, String> configuration) {
    String limit = configuration.get(TopicSpec.MAX_DECOMPRESSED_MESSAGE_BYTES);
    return limit != null && Long.parseLong(limit) <= MAX_DECOMPRESSED_BYTES;
  }

  private Set<String> missing(Collection<String> topics) {
    Set<String> missing = new TreeSet<>(topics);
    missing.removeAll(partitions(topics).keySet());
    return missing;
  }

  /** Partitions of the topics that exist. */
  private Map<String, Integer> partitions(Collection<String> topics) {
    Map<String, Integer> partitions = new TreeMap<>();
    Map<String, KafkaFuture<TopicDescription>> answers =
        admin.describeTopics(Set.copyOf(topics)).topicNameValues();
    answers.forEach(
        (topic, future) -> {
          try {
            partitions.put(topic, get(future).partitions().size());
          } catch (UnknownTopicOrPartitionException e) {
            // A missing topic has no entry.
          }
        });
    return partitions;
  }

  /** A topic's properties; empty if the worker may not read them. */
  private Optional<Map<String, String>> configuration(String topic) {
    ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
    try {
      Config config =
          get(requireNonNull(admin.describeConfigs(List.of(resource)).values().get(resource)));
      return Optional.of(
          config.entries().stream()
              .filter(entry -> entry.value() != null)
              .collect(Collectors.toMap(ConfigEntry::name, ConfigEntry::value)));
    } catch (UnknownTopicOrPartitionException e) {
      return Optional.empty();
    } catch (WorkerBrokenException e) {
      LOGGER
          .atWarn()
          .addKeyValue("topic", topic)
          .addKeyValue("error", e.getMessage())
          .log("The configuration of a topic cannot be read and is not checked");
      return Optional.empty();
    }
  }

  private <T> T get(KafkaFuture<T> future) {
    try {
      return future.get();
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      if (cause instanceof UnknownTopicOrPartitionException
          || cause instanceof TopicExistsException
          || cause instanceof InvalidConfigurationException) {
        throw (RuntimeException) cause;
      }
      if (cause instanceof RetriableException || cause instanceof DisconnectException) {
        throw new RetryLaterException(
            "Kafka at " + servers + " does not answer: " + cause.getMessage(), e);
      }
      throw new WorkerBrokenException("cannot look at the topics: " + cause, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new WorkerBrokenException("interrupted while looking at the topics", e);
    }
  }

  private static Throwable root(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null && root.getCause() != root) {
      root = root.getCause();
    }
    return root;
  }

  /** Closes the client. */
  @Override
  public void close() {
    admin.close(Duration.ofSeconds(5));
  }
}
