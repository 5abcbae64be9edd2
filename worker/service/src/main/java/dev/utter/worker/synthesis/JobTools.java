package dev.utter.worker.synthesis;

import dev.utter.events.SynthesisRequested;
import dev.utter.worker.avro.EventDeserializer;
import dev.utter.worker.intake.Delivery;
import dev.utter.worker.synthesis.clip.ClipStore;
import dev.utter.worker.synthesis.context.ContextFetcher;
import dev.utter.worker.synthesis.event.OutcomeEvents;
import dev.utter.worker.synthesis.event.StartedEvents;
import dev.utter.worker.synthesis.job.Job;
import dev.utter.worker.synthesis.request.Planner;
import dev.utter.worker.trace.TraceSpan;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * What the steps of jobs work with.
 *
 * @param marking marks the clip of a job: {@link JobMarking}
 * @param spans begins the span of a delivery
 */
record JobTools(
    EventDeserializer<SynthesisRequested> requests,
    Planner planner,
    ClipStore clips,
    ContextFetcher context,
    Generation generation,
    Consumer<Job> marking,
    OutcomeEvents events,
    StartedEvents startedEvents,
    Function<Delivery, TraceSpan> spans) {}
