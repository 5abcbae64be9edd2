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
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;
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
  private final TopicCommands commands;
  private final TopicFacts facts;
  private final TopicCreation creation;

  private TopicCheck(Admin admin, String servers, Pause pause) {
    this.admin = requireNonNull(admin, "admin is null");
    this.servers = servers;
    commands = new TopicCommands(servers);
    facts = new TopicFacts(admin, servers);
    creation = new TopicCreation(admin, facts, requireNonNull(pause, "pause is null"));
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
    Set<String> missing = facts.missing(topics);
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
    Map<String, Integer> partitions = facts.partitions(topics);
    int max = partitions.values().stream().mapToInt(Integer::intValue).max().orElse(0);
    List<String> remedies = unequal(topics).stream().map(TopicDifference::remedy).toList();
    if (!remedies.isEmpty()) {
      throw new WorkerBrokenException(
          "topics that are joined by key must have the same number of partitions, but have: "
              + partitions.entrySet().stream()
                  .map(entry -> entry.getKey() + " " + entry.getValue())
                  .collect(Collectors.joining(", "))
              + "; run: "
              + String.join("; ", remedies));
    }
    return max;
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
    Integer kept = facts.partitions(List.of(changelog)).get(changelog);
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
            facts
                .configuration(spec.name())
                .ifPresent(
                    config ->
                        new TopicSettings(spec, config, idsRemembered, commands).check(defects)));
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
    Set<String> missing = facts.missing(specs.stream().map(TopicSpec::name).toList());
    return specs.stream()
        .filter(spec -> missing.contains(spec.name()))
        .map(
            spec ->
                new TopicDifference(
                    spec.name(),
                    spec.name() + " is missing",
                    commands.create(spec, partitions, replication, idsRemembered)))
        .toList();
  }

  private List<TopicDifference> unequal(List<String> topics) {
    Map<String, Integer> partitions = facts.partitions(topics);
    int max = partitions.values().stream().mapToInt(Integer::intValue).max().orElse(0);
    return partitions.entrySet().stream()
        .filter(entry -> entry.getValue() < max)
        .map(
            entry ->
                new TopicDifference(
                    entry.getKey(),
                    "%s has %d partitions, topics that it is joined with have %d"
                        .formatted(entry.getKey(), entry.getValue(), max),
                    commands.addPartitions(entry.getKey(), max)))
        .toList();
  }

  /** The difference in the limit of decompressed size; empty if the brokers have no such limit. */
  private Optional<TopicDifference> unlimited(String topic) {
    String property = TopicSpec.MAX_DECOMPRESSED_MESSAGE_BYTES;
    return Topics.ofPublishers().contains(topic)
        ? facts
            .configuration(topic)
            .filter(config -> config.containsKey(property) && !limitsDecompressed(config))
            .map(
                config ->
                    new TopicDifference(
                        topic,
                        "%s has %s=%s: one small compressed record can fill the memory of a worker"
                            .formatted(topic, property, config.get(property)),
                        commands.set(
                            topic, property, Integer.toString(TopicSpec.DECOMPRESSED_BYTES))))
        : Optional.empty();
  }

  /** Largest batch each topic takes, in bytes; without topics that the worker may not read. */
  public Map<String, Integer> maxMessageBytes(Collection<String> topics) {
    Map<String, Integer> limits = new TreeMap<>();
    for (String topic : topics) {
      facts
          .configuration(topic)
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
    creation.create(specs, partitions, replication, idsRemembered);
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
        .filter(
            topic -> facts.configuration(topic).filter(it -> !limitsDecompressed(it)).isPresent())
        .toList();
  }

  private static boolean limitsDecompressed(Map<String, String> configuration) {
    String limit = configuration.get(TopicSpec.MAX_DECOMPRESSED_MESSAGE_BYTES);
    return limit != null && Long.parseLong(limit) <= MAX_DECOMPRESSED_BYTES;
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
