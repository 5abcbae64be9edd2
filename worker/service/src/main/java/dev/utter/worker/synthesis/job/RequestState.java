package dev.utter.worker.synthesis.job;

import dev.utter.speech.AudioCodes;
import dev.utter.speech.Speech;
import dev.utter.worker.intake.Outcome;
import dev.utter.worker.synthesis.clip.MarkedClip;
import dev.utter.worker.synthesis.context.ContextAudio;
import dev.utter.worker.synthesis.request.Plan;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * The state of one request. Each state has only the moves that are legal from it, and carries only
 * what it needs.
 *
 * <pre>
 * Taken ─▶ FetchingContext ─▶ Ready ─▶ Encoding ─▶ Generating ─▶ Marking ─▶ Storing ─▶ Publishing
 *   │             │           ▲  │        │            │           │          │           ▲
 *   │             │           └──┼ failed ┴────────────┴───────────┴──────────┤           │
 *   │             │              │   (alone next time)                        │           │
 *   └─────────────┴──────────────┴────────────────────────────────────────────┴───────────┘
 *                        already stored · failed finally · given up · duplicate
 *
 * any of these ─▶ Dropped        another worker owns the record now
 * </pre>
 *
 * Where something is unavailable the request stays in its state, keeps its place in the window, and
 * the step is repeated after a pause.
 */
public sealed interface RequestState {

  /** A state a request can leave. */
  sealed interface Live extends RequestState {
    /** The outcome is known. */
    default Publishing publish(Outcome outcome) {
      return new Publishing(outcome);
    }

    /** Another worker owns it now. */
    default Dropped drop() {
      return new Dropped();
    }
  }

  /** Has a place in the window; not decoded, or looked for in the store. */
  record Taken(Instant at) implements Live {
    public FetchingContext fetchContext(Plan plan, Instant now) {
      return new FetchingContext(at, plan, now);
    }
  }

  /** Its context is looked up, fetched and decoded. */
  record FetchingContext(Instant takenAt, Plan plan, Instant began) implements Live {
    public Ready ready(List<ContextAudio> context, Instant now) {
      return new Ready(takenAt, plan, List.copyOf(context), Duration.between(began, now));
    }
  }

  /** A state in which an attempt is under way. */
  sealed interface Attempted extends Live {
    /** Once more from its beginning, after an unexpected error. */
    Ready again();
  }

  /** Waits for the engine. */
  record Ready(Instant takenAt, Plan plan, List<ContextAudio> context, Duration contextTime)
      implements Live {
    public Encoding encode(Instant now) {
      return new Encoding(this, now);
    }

    /** The same state with codes in place of audio. */
    private Ready encoded(List<ContextAudio.Encoded> codes) {
      return new Ready(takenAt, plan, List.copyOf(codes), contextTime);
    }
  }

  /** The context that is still audio is encoded. */
  record Encoding(Ready before, Instant began) implements Attempted {
    @Override
    public Ready again() {
      return before;
    }

    /** To the engine with all codes; the audio is not needed any more. */
    public Generating generate(List<ContextAudio.Encoded> codes, Instant now) {
      Duration queued = Duration.between(before.takenAt(), began).minus(before.contextTime());
      Duration context = before.contextTime().plus(Duration.between(began, now));
      return new Generating(before.encoded(codes), queued, context, now);
    }
  }

  /** In the engine, with a slot or waiting for one there. */
  record Generating(Ready before, Duration queued, Duration contextTime, Instant began)
      implements Attempted {
    @Override
    public Ready again() {
      return before;
    }

    public Plan plan() {
      return before.plan();
    }

    /** Codes of the context, in order. */
    public List<AudioCodes> codes() {
      return before.context().stream()
          .map(ContextAudio.Encoded.class::cast)
          .map(ContextAudio.Encoded::codes)
          .toList();
    }

    public Marking mark(Speech speech, Instant now) {
      Duration generation = Duration.between(began, now);
      StageTimes times =
          new StageTimes(queued, contextTime, generation, Duration.ZERO, Duration.ZERO);
      return new Marking(before, speech, times, now);
    }
  }

  /** Generated; gets its mark, its file, and the check of both. */
  record Marking(Ready before, Speech speech, StageTimes times, Instant began)
      implements Attempted {
    @Override
    public Ready again() {
      return before;
    }

    public Plan plan() {
      return before.plan();
    }

    public Storing store(MarkedClip clip, Instant now) {
      return new Storing(before, clip, times.withWatermark(Duration.between(began, now)), now);
    }
  }

  /** The marked file goes to the store. */
  record Storing(Ready before, MarkedClip clip, StageTimes times, Instant began)
      implements Attempted {
    @Override
    public Ready again() {
      return before;
    }

    public Plan plan() {
      return before.plan();
    }

    public StageTimes timesAt(Instant now) {
      return times.withStorage(Duration.between(began, now));
    }
  }

  /** The outcome is with the intake. */
  record Publishing(Outcome outcome) implements RequestState {}

  /** This worker does not own the record any more. */
  record Dropped() implements RequestState {}
}
