package dev.utter.worker.synthesis;

import dev.utter.events.ContextUtterance;
import dev.utter.events.FailureCode;
import dev.utter.events.SynthesisRequested;
import dev.utter.speech.AudioCodes;
import dev.utter.speech.ContextSegment;
import dev.utter.speech.FinishReason;
import dev.utter.speech.Futures;
import dev.utter.speech.Speech;
import dev.utter.speech.SpeechModel;
import dev.utter.speech.Utterance;
import dev.utter.speech.failure.ContextTooLongException;
import dev.utter.speech.failure.EmptyAudioException;
import dev.utter.speech.failure.InvalidUtteranceException;
import dev.utter.worker.failure.FailureText;
import dev.utter.worker.failure.RequestFailedException;
import dev.utter.worker.synthesis.context.CodesCache;
import dev.utter.worker.synthesis.context.ContextAudio;
import dev.utter.worker.synthesis.job.Job;
import dev.utter.worker.synthesis.job.RequestState.Encoding;
import dev.utter.worker.synthesis.job.RequestState.Generating;
import dev.utter.worker.synthesis.job.RequestState.Marking;
import dev.utter.worker.synthesis.job.RequestState.Ready;
import dev.utter.worker.synthesis.request.Plan;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Submits jobs to the engine, and takes their results. No method waits for a generation. */
final class Generation {
  private final SpeechModel model;
  private final CodesCache codes;
  private final SynthesisListener listener;
  private final Clock clock;

  Generation(SpeechModel model, CodesCache codes, SynthesisListener listener, Clock clock) {
    this.model = model;
    this.codes = codes;
    this.listener = listener;
    this.clock = clock;
  }

  /** Whether context of the job still has to be encoded, which takes time. */
  static boolean hasSound(Job job) {
    return job.state() instanceof Ready ready
        && ready.context().stream().anyMatch(ContextAudio.Decoded.class::isInstance);
  }

  /**
   * Refuses, before anything is fetched, what cannot be generated with any context audio: bad
   * texts, and texts that leave too few positions with one frame of context each.
   *
   * @throws RequestFailedException naming the field
   */
  void check(Plan plan) {
    AudioCodes frame =
        new AudioCodes(model.description().codebooks(), new int[model.description().codebooks()]);
    List<AudioCodes> shortest = Collections.nCopies(plan.request().getContext().size(), frame);
    refusing(
        () -> {
          int most = model.maxFrames(utterance(plan.request(), shortest));
          int positions = model.description().maxPositions();
          if (plan.options().maxFrames() > most) {
            throw new ContextTooLongException(
                positions - most, plan.options().maxFrames(), positions);
          }
        });
  }

  /** Encodes the context that is not encoded yet. */
  void encode(Job job) {
    Ready ready = job.state(Ready.class);
    job.requireWanted(clock.instant());
    Encoding encoding = ready.encode(clock.instant());
    job.move(encoding);
    List<ContextAudio.Encoded> context = new ArrayList<>();
    for (ContextAudio audio : ready.context()) {
      if (audio instanceof ContextAudio.Encoded known) {
        context.add(known);
      } else if (audio instanceof ContextAudio.Decoded decoded) {
        job.requireWanted(clock.instant());
        ContextAudio.Encoded encoded =
            new ContextAudio.Encoded(model.encode(decoded.clip()), decoded.notes());
        codes.put(decoded.key(), encoded);
        context.add(encoded);
      }
    }
    Generating generating = encoding.generate(context, clock.instant());
    listener.step("context", generating.contextTime());
    job.move(generating);
  }

  /** Submits the job to the engine, which ends it within a frame once it is not wanted. */
  CompletableFuture<Speech> submit(Job job) {
    Plan plan = job.state(Generating.class).plan();
    List<AudioCodes> context = job.state(Generating.class).codes();
    return model.submit(
        utterance(plan.request(), context),
        plan.options(),
        job.urgency(),
        new FrameWatch(job, listener, clock));
  }

  /**
   * Takes the result of a job that the engine has ended.
   *
   * @return duration of its audio
   */
  Duration end(Job job, CompletableFuture<Speech> ended) {
    refusing(
        () -> {
          Speech speech = Futures.join(ended);
          job.requireWanted(clock.instant());
          if (speech.finishReason() == FinishReason.STOPPED) {
            throw new IllegalStateException("the engine stopped a job that is wanted");
          }
          Marking marking = job.state(Generating.class).mark(speech, clock.instant());
          listener.generated(speech, marking.times().generation());
          job.move(marking);
        });
    return job.state(Marking.class).speech().audio().duration();
  }

  /** Turns what the model refuses into the failure of the request. */
  private static void refusing(Runnable work) {
    try {
      work.run();
    } catch (InvalidUtteranceException e) {
      throw new RequestFailedException(
          FailureCode.INVALID_REQUEST, e.field(), FailureText.of(e), e);
    } catch (ContextTooLongException e) {
      throw new RequestFailedException(
          FailureCode.CONTEXT_TOO_LONG, "context", FailureText.of(e), e);
    } catch (EmptyAudioException e) {
      throw new RequestFailedException(FailureCode.EMPTY_AUDIO, null, FailureText.of(e), e);
    }
  }

  private static Utterance utterance(SynthesisRequested request, List<AudioCodes> codes) {
    List<ContextSegment> context = new ArrayList<>();
    for (int i = 0; i < codes.size(); i++) {
      ContextUtterance utterance = request.getContext().get(i);
      context.add(new ContextSegment(utterance.getSpeaker(), utterance.getText(), codes.get(i)));
    }
    return new Utterance(request.getSpeaker(), request.getText(), context);
  }
}
