package dev.utter.worker.synthesis.fair;

import static java.util.Objects.requireNonNull;

import dev.utter.speech.Urgency;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Items of all lanes that wait for the same places. The most urgent lane is next, except for one
 * that has {@linkplain LaneShares earned} its next item; within a lane the publishers get the same.
 * Not thread-safe.
 *
 * @param <T> type of the items, which are compared by identity
 */
public final class LaneQueue<T> {
  /**
   * The item that is next.
   *
   * @param guaranteed whether it goes before more urgent ones because its lane is owed it
   */
  public record Next<T>(T item, Urgency lane, boolean guaranteed) {}

  private final Map<Urgency, PublisherQueue<T>> lanes = new EnumMap<>(Urgency.class);
  private final LaneAccounts accounts;
  private final long maxCost;
  private final Predicate<Urgency> preempted;

  /**
   * An empty queue of items that begin and are never held up afterwards.
   *
   * @param maxCost what one item can cost; more counts as this
   * @param places how many items may be under way at a time
   */
  public LaneQueue(LaneShares shares, long maxCost, int places) {
    this(shares, maxCost, places, lane -> false);
  }

  /**
   * An empty queue.
   *
   * @param maxCost what one item can cost; more counts as this
   * @param places how many items may be under way at a time
   * @param preempted whether a lane has items that were taken and had to leave their place
   */
  public LaneQueue(LaneShares shares, long maxCost, int places, Predicate<Urgency> preempted) {
    this.accounts = new LaneAccounts(shares, (double) maxCost * places);
    this.maxCost = maxCost;
    this.preempted = preempted;
    for (Urgency lane : Urgency.values()) {
      lanes.put(lane, new PublisherQueue<>());
    }
  }

  /**
   * Puts an item in.
   *
   * @param cost in the unit of {@code maxCost}
   */
  public void add(T item, Urgency lane, String publisher, long cost) {
    of(lane).add(item, publisher, bounded(cost));
  }

  /** The item that is next; empty if none waits. */
  public Optional<Next<T>> first() {
    Urgency urgent = null;
    for (Map.Entry<Urgency, PublisherQueue<T>> entry : lanes.entrySet()) {
      Urgency lane = entry.getKey();
      if (urgent == null && entry.getValue().size() > 0) {
        urgent = lane;
      } else if (urgent != null && accounts.owes(lane, entry.getValue().firstCost())) {
        return next(lane, true);
      }
    }
    return urgent == null ? Optional.empty() : next(urgent, false);
  }

  private Optional<Next<T>> next(Urgency lane, boolean guaranteed) {
    return of(lane).first().map(item -> new Next<>(item, lane, guaranteed));
  }

  /** Takes the item that is next, and books it. */
  public Optional<Next<T>> poll() {
    Optional<Next<T>> first = first();
    first.ifPresent(
        next -> {
          long cost = of(next.lane()).firstCost();
          of(next.lane()).poll();
          accounts.charge(next.lane(), cost, next.guaranteed(), this::waits);
        });
    return first;
  }

  /**
   * Gives a preempted item its place back if its lane is owed that, and books it.
   *
   * @return whether it is
   */
  public boolean resume(Urgency lane, long cost) {
    boolean owed = accounts.owes(lane, bounded(cost));
    if (owed) {
      accounts.charge(lane, bounded(cost), true, this::waits);
    }
    return owed;
  }

  /**
   * Corrects what was booked of an item.
   *
   * @param booked what it was said to cost
   * @param cost what it came to
   * @param guaranteed whether it went before more urgent ones
   */
  public void settle(Urgency lane, long booked, long cost, boolean guaranteed) {
    accounts.charge(lane, bounded(cost) - bounded(booked), guaranteed, this::waits);
  }

  private long bounded(long cost) {
    return Math.max(1, Math.min(maxCost, cost));
  }

  private PublisherQueue<T> of(Urgency lane) {
    return requireNonNull(lanes.get(lane));
  }

  private boolean waits(Urgency lane) {
    return of(lane).size() > 0 || preempted.test(lane);
  }

  /** Takes out an item; false if it does not wait here. */
  public boolean remove(T item) {
    return lanes.values().stream().anyMatch(lane -> lane.remove(item));
  }

  /** How many wait. */
  public int size() {
    return lanes.values().stream().mapToInt(PublisherQueue::size).sum();
  }
}
