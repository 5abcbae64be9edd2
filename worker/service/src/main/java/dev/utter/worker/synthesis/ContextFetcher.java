package dev.utter.worker.synthesis;

import dev.utter.events.ContextUtterance;
import dev.utter.events.FailureCode;
import dev.utter.events.ObjectReference;
import dev.utter.events.SynthesisRequested;
import dev.utter.speech.ModelDescription;
import dev.utter.speech.audio.AudioClip;
import dev.utter.speech.audio.AudioDecoder;
import dev.utter.speech.audio.Resampler;
import dev.utter.speech.audio.UnreadableAudioException;
import dev.utter.worker.failure.RequestFailedException;
import dev.utter.worker.storage.BucketNotFoundException;
import dev.utter.worker.storage.ObjectHead;
import dev.utter.worker.storage.ObjectLocation;
import dev.utter.worker.storage.ObjectNotFoundException;
import dev.utter.worker.storage.ObjectStore;
import dev.utter.worker.storage.UnusableObjectException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Fetches context audio up to the point where the engine is needed: found, measured, downloaded,
 * decoded, at the model's rate. Objects whose codes are cached are not downloaded. Safe for several
 * threads.
 */
final class ContextFetcher {
  private final ObjectStore store;
  private final AudioDecoder decoder;
  private final CodesCache codes;
  private final ModelDescription model;
  private final long maxBytes;

  ContextFetcher(
      ObjectStore store,
      AudioDecoder decoder,
      CodesCache codes,
      ModelDescription model,
      long maxBytes) {
    this.store = store;
    this.decoder = decoder;
    this.codes = codes;
    this.model = model;
    this.maxBytes = maxBytes;
  }

  /**
   * The context of a request, in order.
   *
   * @throws RequestFailedException naming the utterance whose audio cannot be used
   */
  List<ContextAudio> fetch(SynthesisRequested request) {
    List<ContextAudio> fetched = new ArrayList<>();
    long frames = 0;
    for (int i = 0; i < request.getContext().size(); i++) {
      String field = "context[" + i + "].audio";
      ContextAudio audio = fetch(field, request.getContext().get(i));
      frames += audio.frames();
      if (frames > model.maxPositions()) {
        throw new RequestFailedException(
            FailureCode.CONTEXT_TOO_LONG,
            field,
            "the context up to and with %s has %d frames, the model has %d positions; cut %d frames"
                .formatted(field, frames, model.maxPositions(), frames - model.maxPositions()));
      }
      fetched.add(audio);
    }
    return fetched;
  }

  private ContextAudio fetch(String field, ContextUtterance utterance) {
    ObjectReference audio = utterance.getAudio();
    ObjectLocation location =
        new ObjectLocation(
            audio.getBucket(), audio.getKey(), Optional.ofNullable(audio.getVersionId()));
    try {
      ObjectHead head = store.head(location);
      CodesCache.Key key = new CodesCache.Key(audio.getBucket(), audio.getKey(), head.etag());
      return codes
          .get(key)
          .<ContextAudio>map(ContextAudio.Encoded::new)
          .orElseGet(() -> decode(location, key));
    } catch (ObjectNotFoundException | BucketNotFoundException e) {
      throw new RequestFailedException(FailureCode.CONTEXT_NOT_FOUND, field, e.getMessage(), e);
    } catch (UnusableObjectException e) {
      throw new RequestFailedException(FailureCode.CONTEXT_UNREADABLE, field, e.getMessage(), e);
    } catch (UnreadableAudioException e) {
      throw new RequestFailedException(
          FailureCode.CONTEXT_UNREADABLE, field, location + ": " + e.getMessage(), e);
    }
  }

  private ContextAudio decode(ObjectLocation location, CodesCache.Key key) {
    AudioClip clip =
        Resampler.resample(decoder.decode(store.read(location, maxBytes)), model.sampleRate());
    int frames = (clip.length() + model.samplesPerFrame() - 1) / model.samplesPerFrame();
    return new ContextAudio.Decoded(clip, frames, key);
  }
}
