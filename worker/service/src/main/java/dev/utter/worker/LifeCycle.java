package dev.utter.worker;

import static java.util.Objects.requireNonNull;

import java.util.concurrent.atomic.AtomicReference;

/**
 * Where a worker stands. Each step is taken by one caller only:
 *
 * <pre>
 *   LATENT ─▶ STARTING ─▶ RUNNING ─▶ DRAINING ─▶ STOPPED
 *      │          └────────(failed)───────────────▲
 *      └──────────────────(never started)─────────┘
 * </pre>
 */
final class LifeCycle {

  /** The states. */
  enum State {
    LATENT,
    STARTING,
    RUNNING,
    DRAINING,
    STOPPED
  }

  private final AtomicReference<State> state = new AtomicReference<>(State.LATENT);

  State state() {
    return requireNonNull(state.get());
  }

  /** Takes a step that must be possible. */
  void move(State from, State to) {
    if (!tryMove(from, to)) {
      throw new IllegalStateException("a worker that is " + state() + " cannot become " + to);
    }
  }

  /** Takes a step if it is possible. */
  boolean tryMove(State from, State to) {
    return state.compareAndSet(from, to);
  }
}
