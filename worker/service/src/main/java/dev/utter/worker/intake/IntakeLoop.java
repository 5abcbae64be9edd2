package dev.utter.worker.intake;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;

/**
 * Turns the wheel: commands in, outcomes and start marks out, poll, take. Never waits for work, so
 * the group's poll interval holds however long jobs take.
 *
 * <p>A record that is handed over, because its partition is revoked or the worker stops, is
 * committed as it was before the attempt under way: it did nothing wrong, so the attempt does not
 * count. If that commit fails the attempt counts, which is the safe side.
 */
final class IntakeLoop implements ConsumerRebalanceListener {
  private static final Duration SWEEP = Duration.ofSeconds(1);

  private final IntakeSettings settings;
  private final DeliveryHandler handler;
  private final IntakeListener listener;
  private final Clock clock;
  private final CommandQueue commands;
  private final GroupConsumer consumer;
  private final OutcomeTransactions transactions;
  private final Assignment assignment;
  private final LaneWindows windows;
  private final StartMarks marks;
  private final OutcomePublisher publisher;
  private Instant nextSweep = Instant.MIN;
  private boolean stopping;
  private boolean abandoned;

  IntakeLoop(
      IntakeSettings settings,
      DeliveryHandler handler,
      IntakeListener listener,
      Clock clock,
      CommandQueue commands,
      GroupConsumer consumer,
      OutcomeTransactions transactions) {
    this.settings = settings;
    this.handler = handler;
    this.listener = listener;
    this.clock = clock;
    this.commands = commands;
    this.consumer = consumer;
    this.transactions = transactions;
    this.assignment = new Assignment(consumer, commands, listener);
    this.windows = new LaneWindows(settings, listener);
    this.marks = new StartMarks(consumer, assignment, handler, listener, clock);
    this.publisher =
        new OutcomePublisher(
            transactions, consumer, assignment, listener, this::visible, settings.gather(), clock);
  }

  /** Joins the group. Ends first what an earlier process of this worker left open. */
  void begin() {
    transactions.ready();
    consumer.subscribe(settings.windows().keySet(), this);
  }

  /** One turn. */
  void turn() {
    obey();
    assignment.takeOver();
    if (publisher.settled()) {
      publisher.publishDue();
    }
    if (publisher.settled()) {
      marks.commit();
    }
    sweep();
    pause();
    take(consumer.poll(publisher.idle(settings.pollTimeout())));
  }

  /** Takes nothing more and lets go what has not begun. */
  void beginStop() {
    stopping = true;
    assignment.held().stream()
        .filter(delivery -> !delivery.underWay() && !delivery.finishing())
        .forEach(this::drop);
  }

  /** Whether nothing is under way and nothing unpublished. */
  boolean idle() {
    return publisher.isEmpty()
        && commands.isEmpty()
        && assignment.held().stream().allMatch(Delivery::dropped);
  }

  /** Hands everything over: finished work is published, the rest left as it was found. */
  void handOver() {
    handOver(Set.copyOf(consumer.assignment()));
  }

  /** Lets go of everything without a commit: what was under way counts as an attempt. */
  void abandon() {
    abandoned = true;
    assignment.held().forEach(this::drop);
  }

  @Override
  public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
    assignment.assigned(partitions);
    pause();
  }

  @Override
  public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
    if (abandoned) {
      onPartitionsLost(partitions);
    } else {
      handOver(Set.copyOf(partitions));
    }
  }

  @Override
  public void onPartitionsLost(Collection<TopicPartition> partitions) {
    Set<TopicPartition> lost = Set.copyOf(partitions);
    publisher.forget(lost);
    forget(lost);
  }

  private void handOver(Set<TopicPartition> partitions) {
    obey();
    // Stopped first, so that nothing runs whose start has been taken back.
    List<Delivery> given = assignment.held(partitions);
    for (Delivery delivery : given) {
      if (!delivery.finishing()) {
        drop(delivery);
        delivery.takeBack();
      }
    }
    publisher.publish(partitions);
    publisher.forget(partitions);
    forget(partitions);
  }

  private void forget(Set<TopicPartition> partitions) {
    List<Delivery> held = assignment.remove(partitions);
    windows.forget(partitions);
    held.forEach(this::drop);
    held.forEach(windows::released);
    if (!held.isEmpty()) {
      listener.dropped(held.size());
    }
  }

  private void drop(Delivery delivery) {
    if (!delivery.dropped()) {
      delivery.drop();
      marks.forget(delivery);
      handler.dropped(delivery);
    }
  }

  private void obey() {
    for (Command command : commands.drain()) {
      Delivery delivery = command.delivery();
      if (delivery.dropped() || delivery.finishing() || !assignment.holds(delivery)) {
        continue;
      }
      if (command instanceof Command.Start) {
        marks.request(delivery);
      } else if (command instanceof Command.AttemptFailed) {
        delivery.endAttempt();
      } else if (command instanceof Command.TakeBack) {
        takeBack(delivery);
      } else if (command instanceof Command.SetAside aside) {
        windows.setAside(delivery, aside.waits());
      } else if (command instanceof Command.Finish finish) {
        delivery.markFinishing();
        marks.forget(delivery);
        publisher.add(finish);
      }
    }
  }

  private void takeBack(Delivery delivery) {
    marks.takeBack(delivery);
    if (stopping) {
      // It would have to begin anew, and nothing begins any more.
      drop(delivery);
    }
  }

  private void visible(Command.Finish finish) {
    Delivery delivery = finish.delivery();
    assignment.work(delivery.partition()).ifPresent(work -> work.finished(delivery));
    windows.released(delivery);
    listener.finished(delivery.lane(), finish.outcome().kind());
    handler.committed(delivery);
  }

  private void pause() {
    Set<TopicPartition> assigned = consumer.assignment();
    Set<TopicPartition> paused = new HashSet<>(assigned);
    if (!stopping) {
      Set<TopicPartition> closed = windows.closed(assignment);
      closed.addAll(assignment.idle());
      paused.retainAll(closed);
    }
    consumer.pauseOnly(paused);
  }

  private void take(ConsumerRecords<byte[], byte[]> records) {
    for (TopicPartition partition : records.partitions()) {
      List<ConsumerRecord<byte[], byte[]>> taken = records.records(partition);
      Optional<PartitionWork> work = stopping ? Optional.empty() : assignment.work(partition);
      if (work.isEmpty()) {
        // Not read or not wanted yet: leave the records where they are.
        consumer.seek(partition, taken.get(0).offset());
        continue;
      }
      take(work.get(), taken);
    }
  }

  private void take(PartitionWork work, List<ConsumerRecord<byte[], byte[]>> records) {
    for (ConsumerRecord<byte[], byte[]> record : records) {
      if (!work.fits(record.offset())) {
        consumer.seek(work.partition(), record.offset());
        windows.outOfSpan(work.partition(), record.offset());
        return;
      }
      work.take(record)
          .ifPresent(
              delivery -> {
                windows.taken(delivery);
                handler.taken(delivery);
              });
    }
  }

  /** Now and then: moves idle offsets past transaction markers, and measures the lag. */
  private void sweep() {
    Instant now = clock.instant();
    if (now.isBefore(nextSweep)) {
      return;
    }
    nextSweep = now.plus(SWEEP);
    Map<String, Long> lags = new HashMap<>();
    Set<TopicPartition> trailing = new HashSet<>();
    for (PartitionWork work : assignment.works()) {
      consumer.position(work.partition()).ifPresent(work::passed);
      lags.merge(work.partition().topic(), consumer.lag(work.partition()), Long::sum);
      if (work.trailsIdle()) {
        trailing.add(work.partition());
      }
    }
    lags.forEach(listener::lag);
    if (!trailing.isEmpty() && publisher.settled()) {
      var offsets = assignment.committable(trailing, Set.of());
      if (consumer.commit(offsets)) {
        assignment.committed(offsets);
      }
    }
  }
}
