package dev.utter.worker.rights;

import dev.utter.events.Topics;
import dev.utter.worker.erasure.TopicRetentions;
import dev.utter.worker.operator.letters.LetterHandling;
import dev.utter.worker.operator.letters.RedriveRules;
import dev.utter.worker.operator.skip.StageInputs;
import dev.utter.worker.rights.WorkerAccess.Grant;
import dev.utter.worker.rights.WorkerAccess.Resource;
import dev.utter.worker.settings.Role;
import dev.utter.worker.skip.SkippingStage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/** The minimum rights in Kafka of its clients: publishers, consumers, workers and commands. */
public final class KafkaAccess {
  /** Topics that publishers write. */
  private static final List<String> PUBLISHED = List.of(Topics.REQUESTS, Topics.CANCELLATIONS);

  /** Topics that consumers read. */
  private static final List<String> RESULTS =
      List.of(Topics.COMPLETED, Topics.FAILED, Topics.VERIFIED, Topics.STATUS);

  private KafkaAccess() {}

  /** A kind of client of Kafka. */
  public enum Party {
    /** A service that publishes requests. */
    PUBLISHER("publisher"),
    /** A service that reads outcomes. */
    CONSUMER("consumer"),
    /** A service that has clips verified. */
    VERIFICATION_REQUESTER("requester of verifications"),
    /** A worker with this role. */
    ADMISSION("ADMISSION"),
    /** A worker with this role. */
    SYNTHESIS("SYNTHESIS"),
    /** A worker with this role. */
    VERIFICATION("VERIFICATION"),
    /** A worker with this role. */
    STATUS("STATUS"),
    /** An operator with this command. */
    FORGET("`utter forget`"),
    /** An operator with this command. */
    DEAD_LETTERS("`utter dead-letters`"),
    /** An operator with this command. */
    TOPICS("`utter topics`"),
    /** An operator with this command. */
    STATUS_COMMAND("`utter status`"),
    /** An operator with this command. */
    CANCEL("`utter cancel`"),
    /** An operator with this command. */
    SKIP("`utter skip`");

    private final String label;

    Party(String label) {
      this.label = label;
    }

    /** Name in the documentation. */
    String label() {
      return label;
    }
  }

  /**
   * The rights of one kind of client.
   *
   * @param groupPrefix start of the workers' group and application ids
   * @param worker name of the worker; empty for any
   */
  public static List<Grant> of(Party party, String groupPrefix, Optional<String> worker) {
    return switch (party) {
      case PUBLISHER -> topics(PUBLISHED, "Write");
      case CONSUMER -> topics(RESULTS, "Read");
      case VERIFICATION_REQUESTER -> topics(List.of(Topics.VERIFICATION_REQUESTS), "Write");
      case ADMISSION, SYNTHESIS, VERIFICATION, STATUS ->
          worker(Role.valueOf(party.name()), groupPrefix, worker);
      case FORGET -> forget();
      case DEAD_LETTERS -> deadLetters(groupPrefix);
      case TOPICS -> topics(Topics.all(), "Create", "DescribeConfigs");
      case STATUS_COMMAND -> topics(List.of(Topics.STATUS), "Read");
      case CANCEL -> topics(List.of(Topics.CANCELLATIONS), "Write");
      case SKIP -> skip(groupPrefix);
    };
  }

  private static List<Grant> worker(Role role, String groupPrefix, Optional<String> worker) {
    String any = "any";
    List<Grant> grants = WorkerAccess.of(List.of(role), groupPrefix, worker.orElse(any));
    return worker.isPresent() || role != Role.SYNTHESIS
        ? grants
        : grants.stream()
            .map(
                grant ->
                    grant.resource() == Resource.TRANSACTIONAL_ID
                        ? new Grant(
                            grant.resource(),
                            grant.name().substring(0, grant.name().length() - any.length()),
                            true,
                            grant.operations())
                        : grant)
            .toList();
  }

  private static List<Grant> forget() {
    Map<String, Set<String>> rights = new TreeMap<>();
    allow(rights, Topics.STATUS, "Read", "Write");
    allow(rights, Topics.COMPLETED, "Read");
    allow(rights, Topics.VERIFIED, "Write");
    TopicRetentions.LOGS.forEach(topic -> allow(rights, topic, "DescribeConfigs"));
    return grants(rights);
  }

  private static List<Grant> deadLetters(String groupPrefix) {
    Map<String, Set<String>> rights = new TreeMap<>();
    allow(rights, Topics.DEAD_LETTERS, "Read", "Write");
    RedriveRules.TARGETS.forEach(topic -> allow(rights, topic, "Write"));
    List<Grant> grants = new ArrayList<>(grants(rights));
    grants.add(
        new Grant(
            Resource.TRANSACTIONAL_ID,
            groupPrefix + "-" + LetterHandling.TRANSACTIONAL_ID,
            false,
            Set.of("Write")));
    return grants;
  }

  private static List<Grant> skip(String groupPrefix) {
    Map<String, Set<String>> rights = new TreeMap<>();
    allow(rights, Topics.SKIPS, "Write");
    List<Grant> groups = new ArrayList<>();
    for (SkippingStage stage : SkippingStage.values()) {
      StageInputs.of(stage).forEach(topic -> allow(rights, topic, "Read"));
      groups.add(
          new Grant(Resource.GROUP, groupPrefix + "-" + stage.label(), false, Set.of("Describe")));
    }
    return Stream.concat(grants(rights).stream(), groups.stream()).toList();
  }

  private static List<Grant> grants(Map<String, Set<String>> rights) {
    List<Grant> grants = new ArrayList<>();
    rights.forEach((topic, operations) -> grants.add(topic(topic, operations)));
    return grants;
  }

  private static List<Grant> topics(List<String> topics, String... operations) {
    return topics.stream().map(topic -> topic(topic, Set.of(operations))).toList();
  }

  private static Grant topic(String topic, Set<String> operations) {
    return new Grant(Resource.TOPIC, topic, false, operations);
  }

  private static void allow(Map<String, Set<String>> rights, String topic, String... operations) {
    rights.computeIfAbsent(topic, name -> new TreeSet<>()).addAll(List.of(operations));
  }
}
