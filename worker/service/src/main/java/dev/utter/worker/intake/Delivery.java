package dev.utter.worker.intake;

import static java.util.Objects.requireNonNull;

import dev.utter.worker.intake.offsets.Progress;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * One record that this worker has taken, from its arrival until its outcome is visible or the
 * partition goes to another worker. The commands may be called from any thread; they do not block.
 * After a drop they do nothing.
 */
public final class Delivery {
  private final ConsumerRecord<byte[], byte[]> record;
  private final TopicPartition partition;
  private final CommandQueue commands;
  private volatile int starts;
  private volatile boolean dropped;

  // Owned by the intake's thread.
  private long takenAt;
  private boolean underWay;
  private boolean finishing;

  Delivery(ConsumerRecord<byte[], byte[]> record, int starts, CommandQueue commands) {
    this.record = requireNonNull(record, "record is null");
    this.partition = new TopicPartition(record.topic(), record.partition());
    this.commands = requireNonNull(commands, "commands is null");
    this.starts = starts;
  }

  /** The record as it came. */
  public ConsumerRecord<byte[], byte[]> record() {
    return record;
  }

  /** The lane: the record's topic. */
  public String lane() {
    return record.topic();
  }

  /**
   * Number of starts of work on this record, by this worker or earlier owners, without those that
   * were handed over. More than 0 before {@link #start()} makes it a suspect: it was in progress
   * when a worker died or failed.
   */
  public int starts() {
    return starts;
  }

  /** Whether another worker owns the record now. */
  public boolean dropped() {
    return dropped;
  }

  /**
   * Requests a start marker; {@link DeliveryHandler#started} follows once it is committed. No work
   * that could harm the process may begin before that.
   */
  public void start() {
    commands.add(new Command.Start(this));
  }

  /** As {@link #start} for several deliveries of one intake, in one commit. */
  public static void startAll(List<Delivery> deliveries) {
    if (!deliveries.isEmpty()) {
      List<Command> starts = new ArrayList<>();
      deliveries.forEach(delivery -> starts.add(new Command.Start(delivery)));
      deliveries.get(0).commands.addAll(starts);
    }
  }

  /** The attempt ended without outcome and counts; {@link #start()} begins the next one. */
  public void attemptFailed() {
    commands.add(new Command.AttemptFailed(this));
  }

  /**
   * The work covered by {@link #start()} has ended without harm and without an outcome: the start
   * does not count. Another {@link #start()} may follow.
   */
  public void takeStartBack() {
    commands.add(new Command.TakeBack(this));
  }

  /**
   * Sets whether the record waits for something unavailable. A record that waits takes no place in
   * its lane's window, as long as at most one more window of records waits.
   */
  public void setAside(boolean waits) {
    commands.add(new Command.SetAside(this, waits));
  }

  /** Ends the delivery: publishes the outcome; {@link DeliveryHandler#committed} follows. */
  public void finish(Outcome outcome) {
    commands.add(new Command.Finish(this, requireNonNull(outcome, "outcome is null")));
  }

  public TopicPartition partition() {
    return partition;
  }

  /** When it was taken, by the intake's ticker in nanoseconds. */
  public long takenAt() {
    return takenAt;
  }

  public void takenAt(long nanos) {
    takenAt = nanos;
  }

  public long offset() {
    return record.offset();
  }

  public boolean underWay() {
    return underWay;
  }

  public void begin() {
    starts = Math.min(starts + 1, Progress.MAX_STARTS);
    underWay = true;
  }

  public void endAttempt() {
    underWay = false;
  }

  /** Takes the current attempt back: the record is handed over, and the attempt does not count. */
  public void takeBack() {
    if (underWay) {
      starts--;
      underWay = false;
    }
  }

  public boolean finishing() {
    return finishing;
  }

  public void markFinishing() {
    finishing = true;
  }

  public void drop() {
    dropped = true;
  }

  @Override
  public String toString() {
    return partition + "@" + record.offset();
  }
}
