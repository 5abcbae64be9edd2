package dev.utter.worker.intake.loop;

import dev.utter.worker.intake.Command;
import dev.utter.worker.intake.Delivery;
import dev.utter.worker.intake.IntakeListener;
import dev.utter.worker.intake.group.Assignment;
import dev.utter.worker.intake.group.GroupConsumer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes all commits of the intake, in one order and through one producer: outcomes, start markers,
 * and the progress of partitions that are idle or handed over. Each commit is a transaction, with
 * or without records. A transaction needs no stable group: the broker accepts it while a rebalance
 * waits for a dead member.
 *
 * <p>The first outcome after a quiet time is published at once; those that come soon after it share
 * a transaction. Start markers are committed at once, together with the outcomes that wait. When
 * the broker's answer to a commit is lost, nothing else may be committed until its result is known:
 * the committed progress shows it. Owned by the intake's thread.
 */
final class Committer {
  private static final Logger LOGGER = LoggerFactory.getLogger(Committer.class);
  private static final long RETRY_PAUSE = Duration.ofMillis(100).toNanos();
  private static final Duration READ_WAIT = Duration.ofSeconds(1);

  /** What one transaction carries. */
  private record Batch(
      List<Command.Finish> finishes,
      Set<Delivery> starts,
      Map<TopicPartition, OffsetAndMetadata> offsets) {

    Batch without(Set<TopicPartition> partitions) {
      Map<TopicPartition, OffsetAndMetadata> kept = new HashMap<>(offsets);
      kept.keySet().removeAll(partitions);
      return new Batch(
          finishes.stream()
              .filter(finish -> !partitions.contains(finish.delivery().partition()))
              .toList(),
          starts.stream()
              .filter(delivery -> !partitions.contains(delivery.partition()))
              .collect(Collectors.toCollection(HashSet::new)),
          kept);
    }
  }

  private final Transactions transactions;
  private final GroupConsumer consumer;
  private final Assignment assignment;
  private final IntakeListener listener;
  private final Consumer<Command.Finish> outcomeCommitted;
  private final Consumer<Delivery> startCommitted;
  private final long commitInterval;
  private final LongSupplier nanos;

  private final List<Command.Finish> waiting = new ArrayList<>();
  private final Set<Delivery> starts = new LinkedHashSet<>();

  /** Partitions with a committed start that has been taken back since. */
  private final Set<TopicPartition> lowered = new HashSet<>();

  /** The transaction in doubt; null if there is none. */
  private @Nullable Batch doubt;

  private long outcomesDue;
  private long startsDue;
  private long lastOutcomes;
  private boolean outcomesFailed;

  Committer(
      Transactions transactions,
      GroupConsumer consumer,
      Assignment assignment,
      IntakeListener listener,
      Consumer<Command.Finish> outcomeCommitted,
      Consumer<Delivery> startCommitted,
      Duration commitInterval,
      LongSupplier nanos) {
    this.transactions = transactions;
    this.consumer = consumer;
    this.assignment = assignment;
    this.listener = listener;
    this.outcomeCommitted = outcomeCommitted;
    this.startCommitted = startCommitted;
    this.commitInterval = commitInterval.toNanos();
    this.nanos = nanos;
    this.startsDue = nanos.getAsLong();
    this.lastOutcomes = startsDue - this.commitInterval;
  }

  /** An outcome is to be published. */
  void publish(Command.Finish finish) {
    if (waiting.isEmpty()) {
      outcomesDue = lastOutcomes + commitInterval;
    }
    waiting.add(finish);
  }

  /**
   * Work on a record is about to begin. A start marker in doubt may be repeated: it has the number
   * of starts, and is not an increment.
   */
  void start(Delivery delivery) {
    if (!delivery.underWay() && !delivery.finishing()) {
      delivery.begin();
      starts.add(delivery);
    }
  }

  /** The start does not count, whether or not it is committed by now. */
  void takeBack(Delivery delivery) {
    if (delivery.underWay() && !starts.remove(delivery)) {
      lowered.add(delivery.partition());
    }
    delivery.takeBack();
  }

  /** No start marker is to be committed for this record any more. */
  void forget(Delivery delivery) {
    starts.remove(delivery);
    if (doubt != null) {
      doubt.starts().remove(delivery);
    }
  }

  /**
   * The partitions belong to another worker now. They are removed from a transaction in doubt:
   * their next owner may have committed more, which says nothing about that transaction.
   */
  void forget(Set<TopicPartition> partitions) {
    waiting.removeIf(finish -> partitions.contains(finish.delivery().partition()));
    starts.removeIf(delivery -> partitions.contains(delivery.partition()));
    lowered.removeAll(partitions);
    if (doubt != null) {
      doubt = doubt.without(partitions);
    }
  }

  /** Whether every outcome is published. */
  boolean isEmpty() {
    return waiting.isEmpty() && doubt == null;
  }

  /** Time until the next commit is due, at most the given time. */
  Duration idle(Duration atMost) {
    long left = atMost.toNanos();
    long now = nanos.getAsLong();
    if (!waiting.isEmpty()) {
      left = Math.min(left, outcomesDue - now);
    }
    if (hasStarts()) {
      left = Math.min(left, startsDue - now);
    }
    return Duration.ofNanos(Math.max(0, left));
  }

  /** Commits what is due. */
  void commitDue() {
    if (!settled()) {
      return;
    }
    if (hasStarts() && isDue(startsDue)) {
      // Outcomes that the broker rejects must not prevent work from beginning.
      commit(
          outcomesFailed ? List.of() : List.copyOf(waiting),
          Set.copyOf(starts),
          Set.copyOf(lowered));
    }
    if (!waiting.isEmpty() && isDue(outcomesDue) && settled()) {
      commit(List.copyOf(waiting), Set.of(), Set.of());
    }
  }

  /**
   * Commits the progress of these partitions now, together with all outcomes that wait.
   *
   * @return whether it is committed
   */
  boolean commit(Collection<TopicPartition> partitions) {
    return settled() && commit(List.copyOf(waiting), Set.of(), partitions);
  }

  /** Commits progress only, if a commit is possible now. */
  boolean commitProgress(Collection<TopicPartition> partitions) {
    return settled() && commit(List.of(), Set.of(), partitions);
  }

  private boolean hasStarts() {
    return !starts.isEmpty() || !lowered.isEmpty();
  }

  private boolean isDue(long at) {
    return nanos.getAsLong() - at >= 0;
  }

  private boolean commit(
      List<Command.Finish> finishes, Set<Delivery> starting, Collection<TopicPartition> further) {
    Set<TopicPartition> partitions = new HashSet<>(further);
    Set<Delivery> finishing = new HashSet<>();
    starting.forEach(delivery -> partitions.add(delivery.partition()));
    for (Command.Finish finish : finishes) {
      partitions.add(finish.delivery().partition());
      finishing.add(finish.delivery());
    }
    Map<TopicPartition, OffsetAndMetadata> offsets = assignment.committable(partitions, finishing);
    if (offsets.isEmpty()) {
      lowered.removeAll(partitions);
      return true;
    }
    Batch batch = new Batch(finishes, new HashSet<>(starting), offsets);
    long began = nanos.getAsLong();
    if (!finishes.isEmpty()) {
      lastOutcomes = began;
    }
    boolean committed = transactions.ready() && transact(batch, began);
    if (!committed) {
      long retry = nanos.getAsLong() + RETRY_PAUSE;
      startsDue = retry;
      outcomesDue = finishes.isEmpty() ? outcomesDue : retry;
    }
    return committed;
  }

  private boolean transact(Batch batch, long began) {
    Transactions.Result result =
        transactions.commit(
            batch.finishes().stream()
                .flatMap(finish -> finish.outcome().records().stream())
                .toList(),
            batch.offsets(),
            consumer.groupMetadata());
    if (!batch.finishes().isEmpty()) {
      outcomesFailed = result != Transactions.Result.COMMITTED;
    }
    if (result == Transactions.Result.COMMITTED) {
      remove(batch);
      lowered.removeAll(batch.offsets().keySet());
      Duration took = Duration.ofNanos(nanos.getAsLong() - began);
      if (!batch.finishes().isEmpty()) {
        listener.transactionCommitted(batch.finishes().size(), took);
      }
      if (!batch.starts().isEmpty()) {
        listener.marked(batch.starts().size(), took);
      }
      done(batch);
      return true;
    }
    listener.transactionFailed(transactions.lastFailure());
    if (result == Transactions.Result.IN_DOUBT) {
      remove(batch);
      doubt = batch;
    } else {
      transactions.tooLarge().ifPresent(this::shrink);
    }
    return false;
  }

  private void remove(Batch batch) {
    waiting.removeAll(batch.finishes());
    starts.removeAll(batch.starts());
  }

  private void done(Batch batch) {
    assignment.committed(batch.offsets());
    batch.finishes().forEach(outcomeCommitted);
    List.copyOf(batch.starts()).forEach(startCommitted);
  }

  private void shrink(ProducerRecord<byte[], byte[]> record) {
    waiting.replaceAll(finish -> finish.with(finish.outcome().shrunk(record)));
  }

  /** Whether the result of the last transaction is known; tries to determine it if not. */
  boolean settled() {
    Batch settling = doubt;
    if (settling == null) {
      return true;
    }
    if (settling.offsets().isEmpty()) {
      doubt = null;
      return true;
    }
    if (!transactions.ready()) {
      return false;
    }
    Optional<Map<TopicPartition, OffsetAndMetadata>> committed =
        consumer.committed(settling.offsets().keySet(), READ_WAIT);
    committed.ifPresent(found -> settle(settling, found));
    return doubt == null;
  }

  private void settle(Batch settling, Map<TopicPartition, OffsetAndMetadata> committed) {
    doubt = null;
    boolean wentThrough =
        settling.offsets().entrySet().stream()
            .allMatch(entry -> same(committed.get(entry.getKey()), entry.getValue()));
    LOGGER
        .atInfo()
        .addKeyValue("committed", wentThrough)
        .addKeyValue("outcomes", settling.finishes().size())
        .addKeyValue("starts", settling.starts().size())
        .log("Transaction in doubt settled");
    if (wentThrough) {
      outcomesFailed = false;
      done(settling);
    } else {
      settling.finishes().forEach(this::publish);
      starts.addAll(settling.starts());
      transactions.tooLarge().ifPresent(this::shrink);
    }
  }

  private static boolean same(@Nullable OffsetAndMetadata committed, OffsetAndMetadata wanted) {
    return committed != null
        && committed.offset() == wanted.offset()
        && committed.metadata().equals(wanted.metadata());
  }
}
