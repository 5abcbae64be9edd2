package dev.utter.worker.intake;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Carries commands to the intake's thread and wakes it from its poll. The queue itself is
 * unbounded; the windows bound it, since each delivery sends only a few commands.
 */
public final class CommandQueue {
  private final Queue<Command> commands = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean polling = new AtomicBoolean();
  private final Runnable wakeup;

  public CommandQueue(Runnable wakeup) {
    this.wakeup = wakeup;
  }

  void add(Command command) {
    commands.add(command);
    wake();
  }

  /** Adds all commands before it wakes the thread, so that one iteration can handle them all. */
  void addAll(List<Command> added) {
    commands.addAll(added);
    wake();
  }

  /** Ends a running poll; a thread that is not polling checks the queue anyway. */
  public void wake() {
    if (polling.compareAndSet(true, false)) {
      wakeup.run();
    }
  }

  /** Must be called before the last check of the queue that precedes a poll. */
  public void beforePoll() {
    polling.set(true);
  }

  public void afterPoll() {
    polling.set(false);
  }

  public boolean isEmpty() {
    return commands.isEmpty();
  }

  public List<Command> drain() {
    List<Command> drained = new ArrayList<>();
    for (Command command = commands.poll(); command != null; command = commands.poll()) {
      drained.add(command);
    }
    return drained;
  }
}
