package dev.utter.worker.intake.offsets;

import dev.utter.worker.failure.FailureText;
import java.util.Optional;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/** Decides where work on a partition begins, from what is committed and what its log holds. */
public final class Takeover {

  /**
   * What is known of a partition before it is worked on.
   *
   * @param open whether an open transaction may still change what is committed
   * @param committed empty if nothing is committed
   * @param start first offset of the log
   * @param end offset after the last of the log
   */
  public record Found(boolean open, Optional<OffsetAndMetadata> committed, long start, long end) {
    boolean isEmpty() {
      return start == end;
    }
  }

  /** What is to be done. */
  public sealed interface Decision {

    /**
     * Work begins here.
     *
     * @param lost offsets with unfinished records that are no longer in the log, or are left out
     * @param notice what an operator should know; empty if all is as usual
     */
    record Begin(long offset, Progress progress, long lost, Optional<String> notice)
        implements Decision {}

    /**
     * The partition is not worked on.
     *
     * @param from the first offset that may be unfinished
     * @param mark to be committed, so that the next owner refuses, too, even if the log has grown
     *     past the committed offset by then
     */
    record Refuse(String why, long from, Optional<OffsetAndMetadata> mark) implements Decision {}
  }

  private final LostOffsets policy;
  private final String group;

  public Takeover(LostOffsets policy, String group) {
    this.policy = policy;
    this.group = group;
  }

  public Decision decide(TopicPartition partition, Found found) {
    if (found.committed().isEmpty()) {
      return found.isEmpty()
          ? begin(found.end(), Progress.NONE)
          : lost(partition, found, "no offset is committed", Optional.empty());
    }
    OffsetAndMetadata committed = found.committed().get();
    if (Progress.isRefusal(committed.metadata())) {
      return pastTheEnd(partition, found, "its offset was found past the end of the log");
    }
    if (committed.offset() > found.end()) {
      return pastTheEnd(
          partition,
          found,
          "the committed offset " + committed.offset() + " is past the end of the log");
    }
    Progress progress;
    try {
      progress = Progress.decode(committed.metadata());
    } catch (UnreadableProgressException e) {
      return new Decision.Refuse(FailureText.of(e), committed.offset(), Optional.empty());
    }
    return committed.offset() < found.start()
        ? beforeTheStart(found, committed.offset(), progress)
        : begin(committed.offset(), progress);
  }

  private Decision pastTheEnd(TopicPartition partition, Found found, String what) {
    if (found.isEmpty()) {
      // The lane was created again: no record in it can be skipped or processed twice.
      return new Decision.Begin(
          found.end(), Progress.NONE, 0, Optional.of(what + ", which is empty"));
    }
    return lost(
        partition,
        found,
        what,
        Optional.of(
            new OffsetAndMetadata(
                found.committed().orElseThrow().offset(), Progress.refusal(found.end()))));
  }

  private Decision lost(
      TopicPartition partition, Found found, String what, Optional<OffsetAndMetadata> mark) {
    String log =
        "%s, and the log holds offsets %d to %d".formatted(what, found.start(), found.end() - 1);
    return switch (policy) {
      case START_AT_BEGINNING ->
          new Decision.Begin(found.start(), Progress.NONE, 0, Optional.of(log));
      case START_AT_END ->
          new Decision.Begin(
              found.end(), Progress.NONE, found.end() - found.start(), Optional.of(log));
      case REFUSE -> new Decision.Refuse(log + "; " + remedy(partition), found.start(), mark);
    };
  }

  private String remedy(TopicPartition partition) {
    return ("it is unknown which of them are finished. Either set intake.lostOffsets to"
            + " START_AT_BEGINNING (outcomes may be repeated) or START_AT_END (requests may be left"
            + " out) and restart, or stop all workers and run: kafka-consumer-groups"
            + " --bootstrap-server BROKER --group %s --topic %s:%d --reset-offsets --to-offset N"
            + " --execute")
        .formatted(group, partition.topic(), partition.partition());
  }

  private static Decision beforeTheStart(Found found, long committed, Progress progress) {
    long gone = found.start() - committed;
    long unfinished = 0;
    for (long i = 0; i < Math.min(gone, progress.span()); i++) {
      if (progress.state(i) != Progress.FINISHED) {
        unfinished++;
      }
    }
    unfinished += Math.max(0, gone - progress.span());
    return new Decision.Begin(
        found.start(),
        progress.after(gone),
        unfinished,
        Optional.of(
            "the log begins at %d, past the committed offset %d: records were deleted"
                .formatted(found.start(), committed)));
  }

  private static Decision begin(long offset, Progress progress) {
    return new Decision.Begin(offset, progress, 0, Optional.empty());
  }
}
