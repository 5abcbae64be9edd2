package dev.utter.worker.intake;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes outcomes with their offsets and progress: the first after a quiet time at once, those
 * that come soon after it together. When the broker's answer to a commit gets lost, nothing else
 * may be committed until it is known what became of it: the committed progress itself tells. Owned
 * by the intake's thread.
 */
final class OutcomePublisher {
  private static final Logger LOGGER = LoggerFactory.getLogger(OutcomePublisher.class);
  private static final Duration RETRY_PAUSE = Duration.ofMillis(100);
  private static final Duration READ_WAIT = Duration.ofSeconds(1);

  /** A transaction with an unknown end. */
  private record Doubt(
      List<Command.Finish> batch, Map<TopicPartition, OffsetAndMetadata> offsets) {}

  private final OutcomeTransactions transactions;
  private final GroupConsumer consumer;
  private final Assignment assignment;
  private final IntakeListener listener;
  private final Consumer<Command.Finish> visible;
  private final Duration gather;
  private final Clock clock;

  private final List<Command.Finish> waiting = new ArrayList<>();
  private Instant due = Instant.MAX;
  private Instant lastBegan = Instant.MIN;
  private Doubt doubt;

  OutcomePublisher(
      OutcomeTransactions transactions,
      GroupConsumer consumer,
      Assignment assignment,
      IntakeListener listener,
      Consumer<Command.Finish> visible,
      Duration gather,
      Clock clock) {
    this.transactions = transactions;
    this.consumer = consumer;
    this.assignment = assignment;
    this.listener = listener;
    this.visible = visible;
    this.gather = gather;
    this.clock = clock;
  }

  void add(Command.Finish finish) {
    if (waiting.isEmpty()) {
      due = lastBegan.plus(gather);
    }
    waiting.add(finish);
  }

  boolean isEmpty() {
    return waiting.isEmpty() && doubt == null;
  }

  /** How long nothing has to be published, at most the given time. */
  Duration idle(Duration atMost) {
    if (waiting.isEmpty()) {
      return atMost;
    }
    Duration left = Duration.between(clock.instant(), due);
    return left.isNegative() ? Duration.ZERO : left.compareTo(atMost) < 0 ? left : atMost;
  }

  /** Publishes if the time has come. */
  void publishDue() {
    if (!waiting.isEmpty() && !clock.instant().isBefore(due)) {
      publish(Set.of());
    }
  }

  /**
   * Publishes what is there, and with it the progress of further partitions; without outcomes the
   * progress alone is committed.
   */
  void publish(Collection<TopicPartition> further) {
    due = clock.instant().plus(RETRY_PAUSE);
    if (!settled() || !transactions.ready()) {
      return;
    }
    List<Command.Finish> batch = List.copyOf(waiting);
    Set<TopicPartition> partitions = new HashSet<>(further);
    batch.forEach(finish -> partitions.add(finish.delivery().partition()));
    Set<Delivery> finishing =
        batch.stream().map(Command.Finish::delivery).collect(Collectors.toSet());
    Map<TopicPartition, OffsetAndMetadata> offsets = assignment.committable(partitions, finishing);
    if (offsets.isEmpty()) {
      return;
    }
    if (batch.isEmpty()) {
      if (consumer.commit(offsets)) {
        assignment.committed(offsets);
      }
      return;
    }
    transact(batch, offsets);
  }

  private void transact(
      List<Command.Finish> batch, Map<TopicPartition, OffsetAndMetadata> offsets) {
    Instant began = clock.instant();
    lastBegan = began;
    OutcomeTransactions.Result result =
        transactions.commit(
            batch.stream().flatMap(finish -> finish.outcome().records().stream()).toList(),
            offsets,
            consumer.groupMetadata());
    if (result != OutcomeTransactions.Result.COMMITTED) {
      listener.transactionFailed(transactions.lastFailure());
    }
    switch (result) {
      case COMMITTED -> {
        waiting.clear();
        listener.transactionCommitted(batch.size(), Duration.between(began, clock.instant()));
        assignment.committed(offsets);
        batch.forEach(visible);
      }
      case ABORTED -> transactions.tooLarge().ifPresent(this::shrink);
      case IN_DOUBT -> {
        doubt = new Doubt(batch, offsets);
        waiting.clear();
      }
    }
  }

  private void shrink(ProducerRecord<byte[], byte[]> record) {
    waiting.replaceAll(finish -> finish.with(finish.outcome().shrunk(record)));
  }

  /** Whether it is known how the last transaction ended; finds out if not. */
  boolean settled() {
    if (doubt == null) {
      return true;
    }
    if (!transactions.ready()) {
      return false;
    }
    Set<TopicPartition> ours = new HashSet<>(doubt.offsets().keySet());
    ours.removeIf(partition -> assignment.work(partition).isEmpty());
    if (ours.isEmpty()) {
      doubt = null;
      return true;
    }
    Optional<Map<TopicPartition, OffsetAndMetadata>> committed =
        consumer.committed(ours, READ_WAIT);
    committed.ifPresent(this::settle);
    return doubt == null;
  }

  private void settle(Map<TopicPartition, OffsetAndMetadata> committed) {
    Doubt settling = doubt;
    doubt = null;
    boolean wentThrough =
        committed.entrySet().stream()
            .allMatch(entry -> same(entry.getValue(), settling.offsets().get(entry.getKey())));
    LOGGER
        .atInfo()
        .addKeyValue("committed", wentThrough)
        .addKeyValue("outcomes", settling.batch().size())
        .log("Transaction in doubt settled");
    List<Command.Finish> held =
        settling.batch().stream().filter(finish -> assignment.holds(finish.delivery())).toList();
    if (wentThrough) {
      assignment.committed(committed);
      held.forEach(visible);
    } else {
      held.forEach(this::add);
      transactions.tooLarge().ifPresent(this::shrink);
    }
  }

  private static boolean same(OffsetAndMetadata committed, OffsetAndMetadata wanted) {
    return committed != null
        && committed.offset() == wanted.offset()
        && committed.metadata().equals(wanted.metadata());
  }

  /** Drops outcomes of records that belong to somebody else now. */
  void forget(Set<TopicPartition> partitions) {
    waiting.removeIf(finish -> partitions.contains(finish.delivery().partition()));
  }
}
