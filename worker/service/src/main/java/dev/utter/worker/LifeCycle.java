package dev.utter.worker;

import static java.util.Objects.requireNonNull;

import java.util.concurrent.atomic.AtomicReference;

/**
 * The life cycle of a worker. Only one caller can make each transition:
 *
 * <pre>
 *                            ┌──────────(stop)─────────┐
 *   LATENT ─▶ STARTING ─▶ RUNNING ─▶ DRAINING ─▶ DRAINED ─▶ STOPPING ─▶ STOPPED
 *      │          │                     └──────(stop)──────────▲          ▲
 *      └──────────┴──────────(never started, failed)──────────────────────┘
 * </pre>
 */
final class LifeCycle {

  /** The states. */
  enum State {
    LATENT,
    STARTING,
    RUNNING,
    DRAINING,
    DRAINED,
    STOPPING,
    STOPPED
  }

  private final AtomicReference<State> state = new AtomicReference<>(State.LATENT);

  State state() {
    return requireNonNull(state.get());
  }

  /** Makes a transition; throws IllegalStateException if the worker is in another state. */
  void move(State from, State to) {
    if (!tryMove(from, to)) {
      throw new IllegalStateException("a worker that is " + state() + " cannot become " + to);
    }
  }

  /** Makes a transition if the worker is in that state; returns whether it was. */
  boolean tryMove(State from, State to) {
    return state.compareAndSet(from, to);
  }
}
