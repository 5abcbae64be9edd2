package dev.utter.worker.intake.loop;

import dev.utter.worker.intake.Command;
import dev.utter.worker.intake.CommandQueue;
import dev.utter.worker.intake.Delivery;
import dev.utter.worker.intake.DeliveryHandler;
import dev.utter.worker.intake.IntakeListener;
import dev.utter.worker.intake.IntakeSettings;
import dev.utter.worker.intake.PartitionWork;
import dev.utter.worker.intake.group.Assignment;
import dev.utter.worker.intake.group.GroupConsumer;
import dev.utter.worker.intake.group.IntakeClients;
import dev.utter.worker.intake.lane.LaneBacklog;
import dev.utter.worker.intake.lane.LaneGauges;
import dev.utter.worker.intake.lane.LanePurge;
import dev.utter.worker.intake.lane.LaneWindows;
import dev.utter.worker.intake.offsets.LaneOffsets;
import dev.utter.worker.intake.offsets.Takeover;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;

/**
 * The loop of the intake's thread; {@link #iterate} has the order of an iteration. It never waits
 * for work, so the poll interval of the group holds however long jobs take.
 *
 * <p>A record that is handed over, because its partition is revoked or the worker stops, is
 * committed with its state before the current attempt, so that the interrupted attempt does not
 * count. If that commit fails, the attempt counts, which is safe.
 */
final class IntakeLoop implements ConsumerRebalanceListener {
  private static final Duration HAND_OVER_PAUSE = Duration.ofMillis(100);
  private static final Duration FINAL_PURGE = Duration.ofSeconds(2);
  private static final long REFRESH = Duration.ofHours(1).toNanos();
  private static final long SWEEP = Duration.ofSeconds(1).toNanos();

  private final IntakeSettings settings;
  private final DeliveryHandler handler;
  private final IntakeListener listener;
  private final CommandQueue commands;
  private final GroupConsumer consumer;
  private final Assignment assignment;
  private final LaneWindows windows;
  private final Committer committer;
  private final LongSupplier nanos;
  private final LanePurge purge;
  private final LaneGauges gauges;
  private final LaneBacklog backlog;
  private final IntakeState state;
  private final ReadinessReport readiness;

  /** Partitions whose offset is to be committed though nothing has happened in them. */
  private final Set<TopicPartition> uncommitted = new HashSet<>();

  private long nextRefresh;
  private long nextSweep;
  private boolean stopping;
  private boolean abandoned;

  IntakeLoop(
      IntakeSettings settings,
      int window,
      DeliveryHandler handler,
      IntakeListener listener,
      LongSupplier nanos,
      CommandQueue commands,
      GroupConsumer consumer,
      Transactions transactions,
      IntakeClients clients,
      IntakeState state) {
    this.settings = settings;
    this.handler = handler;
    this.listener = listener;
    this.nanos = nanos;
    this.nextSweep = nanos.getAsLong();
    this.nextRefresh = nextSweep + REFRESH;
    this.commands = commands;
    this.consumer = consumer;
    this.purge = new LanePurge(clients.admin(), listener, nanos);
    LaneOffsets offsets = new LaneOffsets(clients.admin(), settings.groupId());
    this.state = state;
    this.assignment =
        new Assignment(
            consumer,
            commands,
            offsets::find,
            new Takeover(settings.lostOffsets(), settings.groupId()),
            listener,
            nanos);
    this.readiness = new ReadinessReport(state, assignment, transactions, clients, nanos);
    this.gauges = new LaneGauges(settings.lanes(), offsets::ends, listener, nanos);
    Set<String> lanes = settings.lanes();
    this.backlog = new LaneBacklog(lanes, () -> offsets.standings(lanes), listener, nanos);
    this.windows = new LaneWindows(settings, window, listener);
    this.committer =
        new Committer(
            transactions,
            consumer,
            assignment,
            listener,
            this::outcomeCommitted,
            handler::started,
            settings.commitInterval(),
            nanos);
  }

  /** Ends the open transaction of an earlier process of this worker, then joins the group. */
  void begin() {
    readiness.producer();
    consumer.subscribe(settings.lanes(), this);
  }

  /**
   * One iteration: runs the commands of other threads, takes over new partitions, commits start
   * markers and outcomes that are due, polls, and gives new records to the handler.
   */
  void iterate() {
    runCommands();
    takeOver();
    committer.commitDue();
    sweep();
    pause();
    take(consumer.poll(committer.idle(settings.pollTimeout())));
    retake(consumer.astray());
  }

  /** Commits where work on new partitions begins, before any of it is done. */
  private void takeOver() {
    Set<TopicPartition> decided = assignment.takeOver();
    readiness.takeover();
    if (!decided.isEmpty()) {
      state.refused(assignment.refused());
      uncommitted.addAll(decided);
      commitUncommitted();
    }
  }

  private void commitUncommitted() {
    if (!uncommitted.isEmpty() && committer.commitProgress(uncommitted)) {
      uncommitted.clear();
    }
  }

  /** Takes partitions over again, after their position was removed from the log. */
  private void retake(Set<TopicPartition> partitions) {
    if (!partitions.isEmpty()) {
      forget(partitions);
      assignment.assigned(partitions);
    }
  }

  /** Takes no more records, and releases those on which work has not begun. */
  void beginStop() {
    stopping = true;
    assignment.held().stream()
        .filter(delivery -> !delivery.underWay() && !delivery.finishing())
        .forEach(this::drop);
  }

  /** Whether no work is running and every outcome is published. */
  boolean idle() {
    return committer.isEmpty() && commands.isEmpty() && unfinished() == 0;
  }

  /** Records that are held and not dropped. */
  int unfinished() {
    return (int) assignment.held().stream().filter(delivery -> !delivery.dropped()).count();
  }

  /**
   * Hands everything over: finished work is published, the rest left as it was found. Retries for
   * as long as one call to the broker may take, so that interrupted attempts do not count.
   */
  void handOver() {
    letGo(consumer.assignment());
    long end = nanos.getAsLong() + settings.brokerTimeout().toNanos();
    while (!committer.commit(consumer.assignment()) && nanos.getAsLong() - end < 0) {
      pause();
      consumer.poll(HAND_OVER_PAUSE);
    }
    purge.finish(assignment.works(), FINAL_PURGE);
    forget(Set.copyOf(consumer.assignment()));
    gauges.measure(assignment);
  }

  /** Releases everything without a commit; work in progress counts as an attempt. */
  void abandon() {
    abandoned = true;
    assignment.held().forEach(this::drop);
  }

  @Override
  public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
    readiness.joined();
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
    forget(Set.copyOf(partitions));
  }

  private void handOver(Set<TopicPartition> partitions) {
    letGo(partitions);
    committer.commit(partitions);
    forget(partitions);
  }

  private void letGo(Set<TopicPartition> partitions) {
    runCommands();
    // Stopped first, so that nothing runs whose start has been taken back.
    for (Delivery delivery : assignment.held(partitions)) {
      if (!delivery.finishing()) {
        drop(delivery);
        delivery.takeBack();
      }
    }
  }

  private void forget(Set<TopicPartition> partitions) {
    committer.forget(partitions);
    uncommitted.removeAll(partitions);
    List<Delivery> held = assignment.remove(partitions);
    windows.forget(partitions);
    state.refused(assignment.refused());
    held.forEach(this::drop);
    held.forEach(windows::released);
    if (!held.isEmpty()) {
      listener.dropped(held.size());
    }
  }

  private void drop(Delivery delivery) {
    if (!delivery.dropped()) {
      delivery.drop();
      committer.forget(delivery);
      handler.dropped(delivery);
    }
  }

  private void runCommands() {
    for (Command command : commands.drain()) {
      Delivery delivery = command.delivery();
      if (delivery.dropped() || delivery.finishing() || !assignment.holds(delivery)) {
        continue;
      }
      if (command instanceof Command.Start) {
        committer.start(delivery);
      } else if (command instanceof Command.AttemptFailed) {
        delivery.endAttempt();
      } else if (command instanceof Command.TakeBack) {
        takeBack(delivery);
      } else if (command instanceof Command.SetAside aside) {
        windows.setAside(delivery, aside.waits());
      } else if (command instanceof Command.Finish finish) {
        delivery.markFinishing();
        committer.forget(delivery);
        committer.publish(finish);
      }
    }
  }

  private void takeBack(Delivery delivery) {
    committer.takeBack(delivery);
    if (stopping) {
      // It would have to begin again, and no work begins any more.
      drop(delivery);
    }
  }

  private void outcomeCommitted(Command.Finish finish) {
    Delivery delivery = finish.delivery();
    assignment.work(delivery.partition()).ifPresent(work -> work.finished(delivery));
    windows.released(delivery);
    listener.finished(delivery.lane(), finish.outcome().kind());
    for (long left = finish.outcome().deadLetters(); left > 0; left--) {
      listener.deadLetter(delivery.lane());
    }
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
                delivery.takenAt(nanos.getAsLong());
                windows.taken(delivery);
                handler.taken(delivery);
              });
    }
  }

  /** Once a second: moves idle offsets past transaction markers, deletes and measures. */
  private void sweep() {
    long now = nanos.getAsLong();
    if (now - nextSweep < 0) {
      return;
    }
    nextSweep = now + SWEEP;
    for (PartitionWork work : assignment.works()) {
      consumer.position(work.partition()).ifPresent(work::passed);
      if (work.trailsIdle()) {
        uncommitted.add(work.partition());
      }
    }
    if (now - nextRefresh >= 0) {
      // While no worker runs, the broker expires offsets that were not committed for long.
      nextRefresh = now + REFRESH;
      uncommitted.addAll(assignment.partitions());
    }
    commitUncommitted();
    purge.run(assignment.works());
    gauges.measure(assignment);
    backlog.refresh();
    readiness.producer();
  }
}
