package dev.utter.worker.rights;

import dev.utter.events.Topics;
import dev.utter.worker.WorkerTopics;
import dev.utter.worker.admission.AdmissionStage;
import dev.utter.worker.settings.Role;
import dev.utter.worker.settings.WorkerSettings;
import dev.utter.worker.status.StatusStage;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The minimum rights in Kafka for each role of a worker, derived from the topics that the code
 * reads and writes.
 */
public final class WorkerAccess {
  private static final Map<Role, List<String>> STORES =
      Map.of(
          Role.ADMISSION, List.of(AdmissionStage.STORE, AdmissionStage.PUBLISHER_STORE),
          Role.STATUS, List.of(StatusStage.STORE));

  private WorkerAccess() {}

  /** The kind of resource that a right applies to. */
  public enum Resource {
    /** A topic. */
    TOPIC("--topic"),
    /** A consumer group. */
    GROUP("--group"),
    /** A transactional id. */
    TRANSACTIONAL_ID("--transactional-id");

    private final String option;

    Resource(String option) {
      this.option = option;
    }
  }

  /**
   * Rights on one resource.
   *
   * @param resource its kind
   * @param name its name, or the start of its name
   * @param prefixed whether the name is the start only
   * @param operations Kafka's operations; each includes Describe
   */
  public record Grant(Resource resource, String name, boolean prefixed, Set<String> operations) {
    /** Keeps the operations in alphabetical order. */
    public Grant {
      operations = new TreeSet<>(operations);
    }

    /** The arguments of {@code kafka-acls} after those that name the brokers. */
    public String command(String principal) {
      StringBuilder command = new StringBuilder("--add --allow-principal \"" + principal + "\"");
      operations.forEach(operation -> command.append(" --operation ").append(operation));
      command.append(' ').append(resource.option).append(" \"").append(name).append('"');
      return prefixed
          ? command.append(" --resource-pattern-type prefixed").toString()
          : command.toString();
    }
  }

  /** The rights of a worker with these settings. */
  public static List<Grant> of(WorkerSettings settings) {
    return of(settings.worker().roles(), settings.kafka().groupPrefix(), settings.worker().name());
  }

  /**
   * The rights of a worker.
   *
   * @param roles what it does
   * @param groupPrefix start of its group and application ids
   * @param worker its name
   */
  static List<Grant> of(Collection<Role> roles, String groupPrefix, String worker) {
    Map<String, Set<String>> topics = new TreeMap<>();
    Set<Grant> ids = new LinkedHashSet<>();
    for (Role role : new TreeSet<>(roles)) {
      WorkerTopics.Use use = WorkerTopics.use(role);
      use.reads().forEach(topic -> allow(topics, topic, "Read", "DescribeConfigs"));
      use.writes().forEach(topic -> allow(topics, topic, "Write", "DescribeConfigs"));
      String group = groupPrefix + "-" + role.name().toLowerCase(Locale.ROOT);
      if (role == Role.SYNTHESIS) {
        Topics.lanes().forEach(lane -> allow(topics, lane, "Delete"));
        ids.add(new Grant(Resource.GROUP, group, false, Set.of("Read")));
        ids.add(new Grant(Resource.TRANSACTIONAL_ID, group + "-" + worker, false, Set.of("Write")));
      } else {
        ids.add(new Grant(Resource.GROUP, group, false, Set.of("Read")));
        // Kafka Streams appends the ids of process and thread.
        ids.add(new Grant(Resource.TRANSACTIONAL_ID, group + "-", true, Set.of("Write")));
      }
      for (String store : STORES.getOrDefault(role, List.of())) {
        allow(
            topics,
            group + "-" + store + "-changelog",
            "Create",
            "DescribeConfigs",
            "Read",
            "Write");
      }
    }
    List<Grant> grants = new ArrayList<>();
    topics.forEach((topic, rights) -> grants.add(new Grant(Resource.TOPIC, topic, false, rights)));
    grants.addAll(ids);
    return grants;
  }

  private static void allow(Map<String, Set<String>> topics, String topic, String... operations) {
    topics.computeIfAbsent(topic, name -> new TreeSet<>()).addAll(List.of(operations));
  }
}
