package dev.utter.worker;

import dev.utter.events.Topics;
import dev.utter.worker.settings.KafkaSettings;
import dev.utter.worker.settings.Role;
import dev.utter.worker.settings.TopicCreation;
import dev.utter.worker.settings.WorkerSettings;
import dev.utter.worker.streams.Guard;
import dev.utter.worker.streams.Pause;
import dev.utter.worker.streams.TopicCheck;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.clients.admin.Admin;

/** The topics each role needs. */
final class WorkerTopics {
  /** What a batch of one record takes beside key, value and headers, generously. */
  private static final int BATCH_OVERHEAD_BYTES = 200;

  private static final List<String> JOINED_IN_ADMISSION =
      List.of(Topics.REQUESTS, Topics.CANCELLATIONS);

  private static final List<String> JOINED_IN_STATUS =
      List.of(
          Topics.WORK_INTERACTIVE,
          Topics.WORK_NORMAL,
          Topics.WORK_BULK,
          Topics.STARTED,
          Topics.COMPLETED,
          Topics.FAILED,
          Topics.VERIFIED);

  private static final Map<Role, List<String>> NEEDED =
      Map.of(
          Role.ADMISSION,
          List.of(
              Topics.REQUESTS,
              Topics.CANCELLATIONS,
              Topics.WORK_INTERACTIVE,
              Topics.WORK_NORMAL,
              Topics.WORK_BULK,
              Topics.FAILED,
              Topics.DEAD_LETTERS),
          Role.SYNTHESIS,
          List.of(
              Topics.WORK_INTERACTIVE,
              Topics.WORK_NORMAL,
              Topics.WORK_BULK,
              Topics.CANCELLATIONS,
              Topics.STARTED,
              Topics.COMPLETED,
              Topics.FAILED,
              Topics.DEAD_LETTERS),
          Role.VERIFICATION,
          List.of(
              Topics.COMPLETED, Topics.VERIFICATION_REQUESTS, Topics.VERIFIED, Topics.DEAD_LETTERS),
          Role.STATUS,
          List.of(
              Topics.WORK_INTERACTIVE,
              Topics.WORK_NORMAL,
              Topics.WORK_BULK,
              Topics.STARTED,
              Topics.COMPLETED,
              Topics.FAILED,
              Topics.VERIFIED,
              Topics.STATUS,
              Topics.DEAD_LETTERS));

  private WorkerTopics() {}

  /**
   * Checks the topics of the worker's roles; creates them first where that is allowed.
   *
   * @return the largest dead letter the broker takes, in bytes
   */
  static int check(WorkerSettings settings) {
    KafkaSettings kafka = settings.kafka();
    Set<String> needed = new TreeSet<>();
    settings.worker().roles().forEach(role -> needed.addAll(NEEDED.get(role)));
    try (Pause pause = new Pause();
        Admin admin = Admin.create(new HashMap<String, Object>(kafka.client()))) {
      TopicCheck check = new TopicCheck(admin, pause);
      Optional<TopicCreation> creation = kafka.createTopics();
      creation.ifPresent(plan -> check.create(Topics.all(), plan.partitions(), plan.replication()));
      check.requireTopics(needed);
      if (settings.worker().has(Role.ADMISSION)) {
        check.requireEqualPartitions(JOINED_IN_ADMISSION);
      }
      if (settings.worker().has(Role.STATUS)) {
        check.requireEqualPartitions(JOINED_IN_STATUS);
      }
      OptionalInt limit = check.maxMessageBytes(Topics.DEAD_LETTERS);
      return limit.isPresent()
          ? Math.max(1, limit.getAsInt() - BATCH_OVERHEAD_BYTES)
          : Guard.DEFAULT_DEAD_LETTER_BYTES;
    }
  }
}
