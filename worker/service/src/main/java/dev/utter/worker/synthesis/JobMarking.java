package dev.utter.worker.synthesis;

import dev.utter.speech.ModelDescription;
import dev.utter.speech.watermark.network.PassPriority;
import dev.utter.worker.synthesis.clip.ClipMarking;
import dev.utter.worker.synthesis.clip.MarkedClip;
import dev.utter.worker.synthesis.job.Job;
import dev.utter.worker.synthesis.job.RequestState.Marking;
import java.time.Clock;
import java.util.function.Consumer;

/** Marks the clip of a job, which moves to the state of being stored. Thread-safe. */
final class JobMarking implements Consumer<Job> {
  private final ClipMarking marking;
  private final ModelDescription model;
  private final Clock clock;

  JobMarking(ClipMarking marking, ModelDescription model, Clock clock) {
    this.marking = marking;
    this.model = model;
    this.clock = clock;
  }

  @Override
  public void accept(Job job) {
    Marking state = job.state(Marking.class);
    MarkedClip clip =
        marking.mark(state.plan(), state.speech(), model, PassPriority.of(job.urgency()));
    job.move(state.store(clip, clock.instant()));
  }
}
