package dev.utter.chaos.fault;

import java.util.List;
import java.util.Locale;

/** The kinds of faults. */
enum FaultKind {
  /** kill -9 when the request is in its lane. */
  KILL_ADMITTED(true, Kills::whenAdmitted),
  /** kill -9 when generation has begun. */
  KILL_STARTED(true, Kills::whenStarted),
  /** kill -9 some time after generation began: during generation, or while the clip is marked. */
  KILL_GENERATED(true, Kills::whenGenerated),
  /** kill -9 while the marked clip is being sent; the store never receives it. */
  KILL_MARKED(true, Kills::whenMarked),
  /** kill -9 when the store has the clip and its answer has not reached the worker. */
  KILL_STORED(true, Kills::whenStored),
  /** kill -9 when the outcome is visible. */
  KILL_PUBLISHED(true, Kills::whenPublished),
  /** kill -9, and the dead worker's clip reaches the store after its successor's. */
  LATE_PUT(true, Kills::beforeALatePut),
  /** SIGSTOP for longer than the session timeout, then SIGCONT. */
  FREEZE(true, Freezes::pastTheSession),
  /** SIGTERM and a new process, worker by worker, under 20 requests a second. */
  ROLLING_RESTART(false, Restarts::rolling),
  /** A further worker joins and leaves again. */
  JOIN_AND_LEAVE(false, Restarts::joinAndLeave),
  /** kill -9 of a worker while another joins at once. */
  DEATH_AND_JOIN(true, Restarts::deathAndJoin),
  /** kill -9 of the broker, which starts again on its data. */
  BROKER_KILL(true, Outages::ofTheBroker),
  /** The store refuses connections. */
  STORE_DOWN(false, Outages::ofTheStore),
  /** The store takes a second for every answer. */
  STORE_SLOW(false, Outages::slowStore),
  /** The store's connections end without an answer, half of them after it did its work. */
  STORE_CUT(false, Outages::cutStore),
  /** The store answers 503 about some objects for a while. */
  STORE_REFUSES_OBJECTS(false, Outages::refusedObjects),
  /** The registry refuses connections. */
  REGISTRY_DOWN(false, Outages::ofTheRegistry),
  /** The registry takes a second for every answer. */
  REGISTRY_SLOW(false, Outages::slowRegistry),
  /** The registry's connections end without an answer. */
  REGISTRY_CUT(false, Outages::cutRegistry),
  /** With all workers stopped, the offsets of the lanes' group are deleted. */
  OFFSETS_DELETED(false, Offsets::deleted),
  /** SIGTERM to a busy worker, which must finish what it began, and later joins again. */
  SCALE_DOWN(false, Departures::scaleDown),
  /** A busy worker is drained, must finish what it began, is stopped, and later joins again. */
  DRAIN(false, Departures::drain),
  /** A worker of the other version is stopped and started with this one. */
  UPGRADE(false, Versions::upgrade),
  /** A worker of this version is stopped and started with the other one. */
  ROLLBACK(false, Versions::rollBack);

  /** Carries out a fault. */
  @FunctionalInterface
  interface Action {
    /**
     * Carries out the fault, and restores what it broke.
     *
     * @return the worker, object or part that the fault hit
     */
    String strike(Stage stage, Strike strike) throws Exception;
  }

  private final boolean costsAttempts;
  private final Action action;

  FaultKind(boolean costsAttempts, Action action) {
    this.costsAttempts = costsAttempts;
    this.action = action;
  }

  /** Whether requests may use up an attempt: only faults that give a worker no notice cost one. */
  boolean costsAttempts() {
    return costsAttempts;
  }

  /** Whether it is part of the short and long runs. */
  boolean general() {
    return !List.of(SCALE_DOWN, DRAIN, UPGRADE, ROLLBACK).contains(this);
  }

  Action action() {
    return action;
  }

  /** Name in reports. */
  String words() {
    return name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }
}
