package dev.utter.worker.intake;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.utter.worker.publisher.PublisherKey;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Deliveries for tests of what comes after the intake. */
public final class TestingDeliveries {
  private TestingDeliveries() {}

  /** One that no intake listens to. */
  public static Delivery delivery(String lane, int starts) {
    return new Delivery(
        new ConsumerRecord<>(lane, 0, 0, new byte[0], new byte[0]),
        starts,
        new CommandQueue(() -> {}));
  }

  /** One whose requests go to this queue. */
  public static Delivery delivery(CommandQueue commands) {
    return new Delivery(new ConsumerRecord<>("lane", 0, 0, new byte[0], new byte[0]), 0, commands);
  }

  /** One of a publisher, that no intake listens to. */
  public static Delivery delivery(String lane, int starts, String publisher) {
    Delivery delivery = delivery(lane, starts);
    delivery.record().headers().add(PublisherKey.HEADER, publisher.getBytes(UTF_8));
    return delivery;
  }

  /** One of a separate record, which remembers the requests it gets. */
  public static Watched watched(String lane, long offset, byte[] key, byte[] value) {
    CommandQueue commands = new CommandQueue(() -> {});
    return new Watched(
        new Delivery(new ConsumerRecord<>(lane, 0, offset, key, value), 0, commands), commands);
  }

  /** As {@link #watched(String, long, byte[], byte[])}, after starts of earlier workers. */
  public static Watched watched(String lane, int starts, long offset, byte[] key, byte[] value) {
    CommandQueue commands = new CommandQueue(() -> {});
    return new Watched(
        new Delivery(new ConsumerRecord<>(lane, 0, offset, key, value), starts, commands),
        commands);
  }

  /** A delivery and what it was asked for. */
  public static final class Watched {
    private final Delivery delivery;
    private final CommandQueue commands;
    private final Queue<Command> pending = new ArrayDeque<>();
    private final List<String> outcomes = new CopyOnWriteArrayList<>();
    private final List<Outcome> published = new CopyOnWriteArrayList<>();
    private int rests;
    private int startsTakenBack;
    private int failedAttempts;
    private boolean setAside;

    private Watched(Delivery delivery, CommandQueue commands) {
      this.delivery = delivery;
      this.commands = commands;
    }

    /** The delivery. */
    public Delivery delivery() {
      return delivery;
    }

    /** Kinds of the outcomes it was finished with by now. */
    public synchronized List<String> outcomes() {
      look();
      return outcomes;
    }

    /** How often it was set aside by now. */
    public synchronized int rests() {
      look();
      return rests;
    }

    /** Whether it was asked for a start that is not committed yet. */
    public synchronized boolean awaitsStart() {
      look();
      return pending.stream().anyMatch(Command.Start.class::isInstance);
    }

    /** Whether it is set aside now. */
    public synchronized boolean isSetAside() {
      look();
      return setAside;
    }

    /** How often a start of it was taken back by now. */
    public synchronized int startsTakenBack() {
      return startsTakenBack;
    }

    /** How many attempts ended without an outcome by now. */
    public synchronized int failedAttempts() {
      return failedAttempts;
    }

    /** What it was finished with; it must be one outcome. */
    public Outcome outcome() {
      if (published.size() != 1) {
        throw new AssertionError(published.size() + " outcomes");
      }
      return published.get(0);
    }

    /** Does what it was asked for, as the intake does. */
    public synchronized Watched obey(DeliveryHandler handler) {
      look();
      for (Command command = pending.poll(); command != null; command = pending.poll()) {
        if (command instanceof Command.Start) {
          delivery.begin();
          handler.started(delivery);
        } else if (command instanceof Command.AttemptFailed) {
          failedAttempts++;
          delivery.endAttempt();
        } else if (command instanceof Command.TakeBack) {
          startsTakenBack++;
          delivery.takeBack();
        } else if (command instanceof Command.Finish) {
          handler.committed(delivery);
        }
      }
      return this;
    }

    /** Reads the requests there are; they stay until they are obeyed. */
    private void look() {
      for (Command command : commands.drain()) {
        pending.add(command);
        if (command instanceof Command.Finish finish) {
          outcomes.add(finish.outcome().kind());
          published.add(finish.outcome());
        } else if (command instanceof Command.SetAside aside) {
          rests += aside.waits() ? 1 : 0;
          setAside = aside.waits();
        }
      }
    }

    /** Gives it to another owner. */
    public void drop(DeliveryHandler handler) {
      delivery.drop();
      handler.dropped(delivery);
    }
  }
}
