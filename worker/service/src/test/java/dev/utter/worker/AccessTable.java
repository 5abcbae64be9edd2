package dev.utter.worker;

import dev.utter.events.TopicSpec;
import dev.utter.events.TopicSpec.Cleanup;
import dev.utter.events.TopicSpec.Retention;
import dev.utter.events.Topics;
import dev.utter.worker.WorkerAccess.Grant;
import dev.utter.worker.access.AccessSettings;
import dev.utter.worker.access.ObjectPrefix;
import dev.utter.worker.erasure.TopicRetentions;
import dev.utter.worker.settings.Role;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** The tables of docs/least-privilege.md and docs/retention.md, from the code. */
final class AccessTable {
  static final List<String> PUBLISHED = List.of(Topics.REQUESTS, Topics.CANCELLATIONS);
  static final List<String> RESULTS =
      List.of(Topics.COMPLETED, Topics.FAILED, Topics.VERIFIED, Topics.STATUS);

  private AccessTable() {}

  static Map<String, List<Grant>> grants() {
    Map<String, List<Grant>> grants = new LinkedHashMap<>();
    grants.put("publisher", topics(PUBLISHED, "Write"));
    grants.put("consumer", topics(RESULTS, "Read"));
    grants.put(
        "requester of verifications", topics(List.of(Topics.VERIFICATION_REQUESTS), "Write"));
    for (Role role : Role.values()) {
      grants.put(role.name(), WorkerAccess.of(List.of(role), "utter", "NAME"));
    }
    Map<String, Set<String>> forget = new TreeMap<>();
    allow(forget, Topics.STATUS, "Read", "Write");
    allow(forget, Topics.COMPLETED, "Read");
    allow(forget, Topics.VERIFIED, "Write");
    TopicRetentions.LOGS.forEach(topic -> allow(forget, topic, "DescribeConfigs"));
    List<Grant> rights = new ArrayList<>();
    forget.forEach((topic, operations) -> rights.add(topic(topic, operations)));
    grants.put("`utter forget`", rights);
    return grants;
  }

  static String access() {
    StringBuilder table =
        new StringBuilder("| who | on | name | operations |\n|---|---|---|---|\n");
    grants()
        .forEach(
            (who, rights) ->
                rights.forEach(
                    right ->
                        table.append(
                            "| %s | %s | `%s%s` | %s |\n"
                                .formatted(
                                    who,
                                    right
                                        .resource()
                                        .name()
                                        .toLowerCase(Locale.ROOT)
                                        .replace('_', ' '),
                                    right.name(),
                                    right.prefixed() ? "*" : "",
                                    String.join(", ", right.operations())))));
    return table.toString();
  }

  /** With {@code output.bucket: speech} and {@code access.verifications: [archive/2025]}. */
  static String store() {
    ObjectPrefix clips = new ObjectPrefix("speech", "clips");
    AccessSettings defaults = AccessSettings.defaults(clips);
    AccessSettings access =
        new AccessSettings(
            clips,
            defaults.contexts(),
            defaults.outputs(),
            List.of(new ObjectPrefix("archive", "2025")));
    StringBuilder table = new StringBuilder("| who | on | actions |\n|---|---|---|\n");
    for (Role role : Role.values()) {
      for (StoreAccess.Grant grant : StoreAccess.of(List.of(role), access)) {
        table.append(
            "| %s | `%s` | %s |\n"
                .formatted(
                    role.name(),
                    grant.resource(),
                    grant.actions().stream()
                        .map(action -> "`" + action + "`")
                        .collect(Collectors.joining(", "))));
      }
    }
    return table.toString();
  }

  static String retention() {
    StringBuilder table = new StringBuilder("| topic | cleanup | records stay |\n|---|---|---|\n");
    for (TopicSpec spec : Topics.specs()) {
      table.append(
          "| `%s` | %s | %s |\n".formatted(spec.name(), spec.cleanupPolicy(), stays(spec)));
    }
    return table.toString();
  }

  private static String stays(TopicSpec spec) {
    if (spec.cleanup() == Cleanup.COMPACT) {
      return "the last row of each id, until its tombstone; what it replaces "
          + TopicSpec.CREATED_COMPACTION_LAG.toDays()
          + " d at most";
    }
    if (spec.retention() == Retention.UNLIMITED) {
      return "until the workers delete them, once finished";
    }
    return spec.retention() == Retention.AS_LONG_AS_IDS
        ? "`admission.retention`, " + TopicSpec.IDS_REMEMBERED.toDays() + " d"
        : TopicSpec.CREATED_RETENTION.toDays() + " d";
  }

  private static List<Grant> topics(List<String> topics, String... operations) {
    return topics.stream().map(topic -> topic(topic, Set.of(operations))).toList();
  }

  private static Grant topic(String topic, Set<String> operations) {
    return new Grant(WorkerAccess.Resource.TOPIC, topic, false, operations);
  }

  private static void allow(Map<String, Set<String>> rights, String topic, String... operations) {
    rights.computeIfAbsent(topic, name -> new TreeSet<>()).addAll(List.of(operations));
  }
}
