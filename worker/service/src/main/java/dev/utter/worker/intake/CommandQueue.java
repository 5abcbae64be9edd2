package dev.utter.worker.intake;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Carries commands to the intake's thread and wakes it from its poll. Unbounded by itself; the
 * windows bound it, since every delivery sends a handful of commands.
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

  /** Adds commands before the thread is woken for any, so that it can obey all in one turn. */
  void addAll(List<Command> added) {
    commands.addAll(added);
    wake();
  }

  /** Ends a poll under way; a thread that is not polling looks at the queue by itself. */
  public void wake() {
    if (polling.compareAndSet(true, false)) {
      wakeup.run();
    }
  }

  /** To be called before the queue is looked at for the last time before a poll. */
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
