package dev.utter.worker.intake.loop;

import dev.utter.worker.intake.group.Assignment;
import dev.utter.worker.intake.group.IntakeClients;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.LongSupplier;
import org.apache.kafka.common.TopicPartition;

/**
 * Reports what the intake still waits for: its first partitions, their takeover, the transactional
 * producer.
 *
 * <p>Threading: the intake's thread only.
 */
final class ReadinessReport {
  private static final Duration TROUBLE_WAIT = Duration.ofSeconds(2);
  private static final Duration TAKEOVER_IS_LATE = Duration.ofSeconds(1);
  private static final Duration NO_PARTITIONS = Duration.ofSeconds(5);

  private final IntakeState state;
  private final Assignment assignment;
  private final Transactions transactions;
  private final IntakeClients clients;
  private final LongSupplier nanos;
  private OptionalLong joinedAt = OptionalLong.empty();
  private boolean tookOver;

  ReadinessReport(
      IntakeState state,
      Assignment assignment,
      Transactions transactions,
      IntakeClients clients,
      LongSupplier nanos) {
    this.state = state;
    this.assignment = assignment;
    this.transactions = transactions;
    this.clients = clients;
    this.nanos = nanos;
  }

  /** The group has given the worker its partitions, perhaps none. */
  void joined() {
    if (joinedAt.isEmpty()) {
      joinedAt = OptionalLong.of(nanos.getAsLong());
    }
  }

  /**
   * A worker is ready once it has taken over its first partitions, or gets none for a while: the
   * first assignment of a new member may be empty though partitions follow. A later hand-over takes
   * a moment and is reported only where it takes longer.
   */
  void takeover() {
    if (joinedAt.isEmpty()) {
      return;
    }
    Set<TopicPartition> undecided =
        assignment.undecidedFor(tookOver ? TAKEOVER_IS_LATE : Duration.ZERO);
    boolean none = nanos.getAsLong() - joinedAt.getAsLong() >= NO_PARTITIONS.toNanos();
    tookOver |= undecided.isEmpty() && (none || !assignment.partitions().isEmpty());
    if (tookOver || !undecided.isEmpty()) {
      state.takingOver(undecided);
    }
  }

  /** Reports whether transactions can be made, and what is in their way. */
  void producer() {
    if (transactions.ready()) {
      state.producerReady();
      return;
    }
    String why = transactions.whyNotReady().orElse("no answer");
    state.producerMissing(
        clients
            .transactionLogTrouble(TROUBLE_WAIT)
            .map(trouble -> why + ": " + trouble)
            .orElse(why));
  }
}
