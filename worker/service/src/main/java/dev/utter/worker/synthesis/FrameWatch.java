package dev.utter.worker.synthesis;

import dev.utter.speech.FrameListener;
import dev.utter.worker.synthesis.job.Job;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/** Ends a generation that is not wanted any more, and reports how long its frames take. */
final class FrameWatch implements FrameListener {
  private final Job job;
  private final SynthesisListener listener;
  private final Clock clock;

  // Owned by the engine's thread.
  private int frames;
  private Instant last = Instant.MIN;

  FrameWatch(Job job, SynthesisListener listener, Clock clock) {
    this.job = job;
    this.listener = listener;
    this.clock = clock;
  }

  @Override
  public boolean onFrame(int framesSoFar) {
    Instant now = clock.instant();
    if (framesSoFar > frames) {
      // The first frame is reported separately, as time to first frame.
      if (frames > 0) {
        listener.frames(framesSoFar - frames, Duration.between(last, now));
      }
      frames = framesSoFar;
      last = now;
    }
    return job.wanted(now);
  }

  @Override
  public boolean raised() {
    return job.raised();
  }
}
