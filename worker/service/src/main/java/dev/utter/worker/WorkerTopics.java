package dev.utter.worker;

import static java.util.Objects.requireNonNull;

import dev.utter.events.Topics;
import dev.utter.worker.admission.AdmissionStage;
import dev.utter.worker.failure.RetryLaterException;
import dev.utter.worker.failure.WorkerBrokenException;
import dev.utter.worker.settings.KafkaSettings;
import dev.utter.worker.settings.Role;
import dev.utter.worker.settings.WorkerSettings;
import dev.utter.worker.status.StatusStage;
import dev.utter.worker.streams.topics.TopicCheck;
import dev.utter.worker.streams.topics.TopicLimits;
import dev.utter.worker.threads.Pause;
import dev.utter.worker.verification.VerificationStage;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** The topics each role needs. */
public final class WorkerTopics {
  private static final Map<Role, Use> USES =
      Map.of(
          Role.ADMISSION,
          new Use(AdmissionStage.INPUTS, AdmissionStage.OUTPUTS),
          Role.SYNTHESIS,
          new Use(
              List.of(
                  Topics.WORK_INTERACTIVE,
                  Topics.WORK_NORMAL,
                  Topics.WORK_BULK,
                  Topics.CANCELLATIONS),
              List.of(Topics.STARTED, Topics.COMPLETED, Topics.FAILED, Topics.DEAD_LETTERS)),
          Role.VERIFICATION,
          new Use(VerificationStage.INPUTS, VerificationStage.OUTPUTS),
          Role.STATUS,
          new Use(StatusStage.INPUTS, StatusStage.OUTPUTS));

  private static final Map<Role, String> STAGES =
      Map.of(Role.ADMISSION, "admission", Role.VERIFICATION, "verification", Role.STATUS, "status");

  private WorkerTopics() {}

  /**
   * The topics that a role uses.
   *
   * @param reads topics it reads
   * @param writes topics it writes
   */
  public record Use(List<String> reads, List<String> writes) {}

  /** The topics that a role uses. */
  public static Use use(Role role) {
    Use ofRole = requireNonNull(USES.get(role));
    return new Use(
        Stream.concat(ofRole.reads().stream(), Stream.of(Topics.SKIPS)).toList(), ofRole.writes());
  }

  /**
   * What the brokers reported at start.
   *
   * @param limits what the topics take
   * @param requestPartitions partitions of requests and cancellations; 1 without admission
   */
  record Facts(TopicLimits limits, int requestPartitions) {}

  /**
   * Checks the topics of the worker's roles; creates them first where that is allowed.
   *
   * @throws RetryLaterException if the brokers do not answer
   * @throws WorkerBrokenException if a topic is missing or misconfigured
   */
  static Facts check(WorkerSettings settings) {
    KafkaSettings kafka = settings.kafka();
    Duration idsRemembered = settings.admission().retention();
    Set<String> needed = new TreeSet<>();
    for (Role role : settings.worker().roles()) {
      needed.addAll(use(role).reads());
      needed.addAll(use(role).writes());
    }
    try (Pause pause = new Pause();
        TopicCheck check = TopicCheck.open(kafka.client(), pause)) {
      kafka
          .createTopics()
          .ifPresent(
              plan ->
                  check.create(
                      Topics.specs(), plan.partitions(), plan.replication(), idsRemembered));
      check.requireTopics(needed);
      int requestPartitions = 1;
      if (settings.worker().has(Role.ADMISSION)) {
        requestPartitions = check.requireEqualPartitions(AdmissionStage.INPUTS);
        check.requireStore(
            application(kafka, Role.ADMISSION),
            AdmissionStage.STORE,
            requestPartitions,
            "Request ids published before are forgotten then: publish none of them again.");
        check.requireStore(
            application(kafka, Role.ADMISSION),
            AdmissionStage.PUBLISHER_STORE,
            requestPartitions,
            "What publishers have used of their limits is forgotten then.");
      }
      if (settings.worker().has(Role.STATUS)) {
        int partitions = check.requireEqualPartitions(StatusStage.INPUTS);
        check.requireStore(
            application(kafka, Role.STATUS),
            StatusStage.STORE,
            partitions,
            "Rows of earlier requests stay on utter.status and do not change any more.");
      }
      check.requireSettings(needed.stream().map(Topics::spec).toList(), idsRemembered);
      TopicLimits limits = new TopicLimits(() -> limits(kafka, needed));
      return new Facts(limits, requestPartitions);
    }
  }

  private static String application(KafkaSettings kafka, Role role) {
    return kafka.groupPrefix() + "-" + STAGES.get(role);
  }

  private static Map<String, Integer> limits(KafkaSettings kafka, Set<String> topics) {
    try (Pause pause = new Pause();
        TopicCheck check = TopicCheck.open(kafka.client(), pause)) {
      return check.maxMessageBytes(topics);
    }
  }
}
