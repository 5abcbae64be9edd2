package dev.utter.worker.synthesis;

import dev.utter.events.ContextUtterance;
import dev.utter.events.FailureCode;
import dev.utter.events.SynthesisRequested;
import dev.utter.speech.AudioCodes;
import dev.utter.speech.ContextSegment;
import dev.utter.speech.ContextTooLongException;
import dev.utter.speech.EmptyAudioException;
import dev.utter.speech.FinishReason;
import dev.utter.speech.InvalidUtteranceException;
import dev.utter.speech.Speech;
import dev.utter.speech.SpeechModel;
import dev.utter.speech.Utterance;
import dev.utter.worker.failure.RequestFailedException;
import dev.utter.worker.synthesis.RequestState.Generating;
import dev.utter.worker.synthesis.RequestState.Marking;
import dev.utter.worker.synthesis.RequestState.Ready;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Takes a job through the engine. Runs on the engine's thread. */
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

  /** Encodes what is not encoded and speaks; stops within a frame when the job is not wanted. */
  void run(Job job) {
    Ready ready = job.state(Ready.class);
    job.requireWanted(clock.instant());
    Instant began = clock.instant();
    Generating generating = ready.generate(began);
    job.move(generating);
    try {
      List<AudioCodes> context = encode(job, ready);
      generating =
          generating.encoded(
              context.stream().<ContextAudio>map(ContextAudio.Encoded::new).toList());
      job.move(generating);
      Duration encoding = Duration.between(began, clock.instant());
      Speech speech =
          model.speak(
              utterance(ready.plan().request(), context),
              ready.plan().options(),
              frames -> job.wanted(clock.instant()));
      job.requireWanted(clock.instant());
      if (speech.finishReason() == FinishReason.STOPPED) {
        throw new IllegalStateException("the engine stopped a job that is wanted");
      }
      Marking marking = generating.mark(speech, encoding, clock.instant());
      listener.stage("context", marking.times().context());
      listener.generated(
          speech.codes().frames(), speech.audio().duration(), marking.times().generation());
      job.move(marking);
    } catch (InvalidUtteranceException e) {
      throw new RequestFailedException(FailureCode.INVALID_REQUEST, e.field(), e.getMessage(), e);
    } catch (ContextTooLongException e) {
      throw new RequestFailedException(FailureCode.CONTEXT_TOO_LONG, "context", e.getMessage(), e);
    } catch (EmptyAudioException e) {
      throw new RequestFailedException(FailureCode.EMPTY_AUDIO, null, e.getMessage(), e);
    }
  }

  private List<AudioCodes> encode(Job job, Ready ready) {
    List<AudioCodes> context = new ArrayList<>();
    for (ContextAudio audio : ready.context()) {
      if (audio instanceof ContextAudio.Encoded known) {
        context.add(known.codes());
      } else if (audio instanceof ContextAudio.Decoded decoded) {
        job.requireWanted(clock.instant());
        AudioCodes encoded = model.encode(decoded.clip());
        codes.put(decoded.key(), encoded);
        context.add(encoded);
      }
    }
    return context;
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
