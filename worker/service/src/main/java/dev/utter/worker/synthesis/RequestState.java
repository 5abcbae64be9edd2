package dev.utter.worker.synthesis;

import dev.utter.speech.Speech;
import dev.utter.worker.intake.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * Where one request stands. Each state has only the moves that are legal from it, and carries only
 * what it needs.
 *
 * <pre>
 * Taken ──▶ FetchingContext ──▶ Ready ──▶ Generating ──▶ Marking ──▶ Storing ──▶ Publishing
 *   │              │            ▲  │       │      │         │           │            ▲
 *   │              │            │  │       └──────┼─────────┴───────────┤            │
 *   │              │            └──┼── failed ────┘  (alone next time)  │            │
 *   └──────────────┴───────────────┴────────────────────────────────────┴────────────┘
 *                      already stored · failed for good · given up · duplicate
 *
 * any of these ──▶ Dropped        somebody else owns the record now
 * </pre>
 *
 * Where something is unavailable the request stays in its state, keeps its place in the window, and
 * the step is repeated after a pause.
 */
sealed interface RequestState {

  /** A state a request can leave. */
  sealed interface Live extends RequestState {
    /** The outcome is known. */
    default Publishing publish(Outcome outcome) {
      return new Publishing(outcome);
    }

    /** Somebody else's now. */
    default Dropped drop() {
      return new Dropped();
    }
  }

  /** Has a place in the window; not decoded, or looked for in the store. */
  record Taken(Instant at) implements Live {
    FetchingContext fetchContext(Plan plan, Instant now) {
      return new FetchingContext(at, plan, now);
    }
  }

  /** Its context is looked up, fetched and decoded. */
  record FetchingContext(Instant takenAt, Plan plan, Instant began) implements Live {
    Ready ready(List<ContextAudio> context, Instant now) {
      return new Ready(takenAt, plan, List.copyOf(context), Duration.between(began, now));
    }
  }

  /** Waits for the engine. */
  record Ready(Instant takenAt, Plan plan, List<ContextAudio> context, Duration contextTime)
      implements Live {
    Generating generate(Instant now) {
      return new Generating(this, now);
    }

    /** The same with codes in place of sound. */
    Ready encoded(List<ContextAudio> codes) {
      return new Ready(takenAt, plan, List.copyOf(codes), contextTime);
    }
  }

  /** In the engine. */
  record Generating(Ready before, Instant began) implements Live {
    /** Once more, after an unexpected error. */
    Ready again() {
      return before;
    }

    /** The context is encoded; its sound is not needed any more. */
    Generating encoded(List<ContextAudio> codes) {
      return new Generating(before.encoded(codes), began);
    }

    Marking mark(Speech speech, Duration encoding, Instant now) {
      Duration context = before.contextTime().plus(encoding);
      Duration queued = Duration.between(before.takenAt(), began).minus(before.contextTime());
      Duration generation = Duration.between(began, now).minus(encoding);
      StageTimes times = new StageTimes(queued, context, generation, Duration.ZERO, Duration.ZERO);
      return new Marking(this, speech, times, now);
    }
  }

  /** Generated; gets its mark, its file, and the check of both. */
  record Marking(Generating before, Speech speech, StageTimes times, Instant began)
      implements Live {
    /** Once more from the engine, after an unexpected error. */
    Ready again() {
      return before.again();
    }

    Plan plan() {
      return before.before().plan();
    }

    Storing store(MarkedClip clip, Instant now) {
      return new Storing(before, clip, times.withWatermark(Duration.between(began, now)), now);
    }
  }

  /** The marked file goes to the store. */
  record Storing(Generating before, MarkedClip clip, StageTimes times, Instant began)
      implements Live {
    /** Once more from the engine, after an unexpected error. */
    Ready again() {
      return before.again();
    }

    Plan plan() {
      return before.before().plan();
    }

    StageTimes timesAt(Instant now) {
      return times.withStorage(Duration.between(began, now));
    }
  }

  /** The outcome is with the intake. */
  record Publishing(Outcome outcome) implements RequestState {}

  /** Not ours any more. */
  record Dropped() implements RequestState {}
}
