package dev.utter.worker.rights;

import dev.utter.events.TopicSpec;
import dev.utter.events.TopicSpec.Cleanup;
import dev.utter.events.TopicSpec.Retention;
import dev.utter.events.Topics;
import dev.utter.worker.access.AccessSettings;
import dev.utter.worker.access.ObjectPrefix;
import dev.utter.worker.models.StoredModel;
import dev.utter.worker.rights.WorkerAccess.Grant;
import dev.utter.worker.settings.Role;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** The tables of docs/least-privilege.md and docs/retention.md, from the code. */
final class AccessTable {
  private static final StoredModel MODEL = StoredModel.parse("s3://models/csm-1b");

  private AccessTable() {}

  static Map<String, List<Grant>> grants() {
    Map<String, List<Grant>> grants = new LinkedHashMap<>();
    for (KafkaAccess.Party party : KafkaAccess.Party.values()) {
      grants.put(party.label(), KafkaAccess.of(party, "utter", Optional.of("NAME")));
    }
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

  /**
   * With {@code output.bucket: speech}, {@code access.verifications: [archive/2025]} and {@code
   * model.source: s3://models/csm-1b}.
   */
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
      List<StoredModel> models = role == Role.SYNTHESIS ? List.of(MODEL) : List.of();
      append(table, role.name(), StoreAccess.of(List.of(role), access, models));
    }
    append(table, "`utter model push`", StoreAccess.ofPush(MODEL));
    append(table, "`utter model pull`", StoreAccess.ofPull(MODEL));
    return table.toString();
  }

  private static void append(StringBuilder table, String who, List<StoreAccess.Grant> grants) {
    for (StoreAccess.Grant grant : grants) {
      table.append(
          "| %s | `%s` | %s |\n"
              .formatted(
                  who,
                  grant.resource(),
                  grant.actions().stream()
                      .map(action -> "`" + action + "`")
                      .collect(Collectors.joining(", "))));
    }
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
}
