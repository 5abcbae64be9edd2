package dev.utter.worker.synthesis;

import dev.utter.events.ContextUtterance;
import dev.utter.events.FailureCode;
import dev.utter.events.ObjectReference;
import dev.utter.events.SynthesisRequested;
import dev.utter.speech.ModelDescription;
import dev.utter.speech.audio.AudioNote;
import dev.utter.speech.audio.DecodeOptions;
import dev.utter.speech.audio.Recording;
import dev.utter.speech.audio.file.UnreadableAudioException;
import dev.utter.worker.digest.Sha256;
import dev.utter.worker.failure.RequestFailedException;
import dev.utter.worker.storage.BucketNotFoundException;
import dev.utter.worker.storage.ObjectContent;
import dev.utter.worker.storage.ObjectLocation;
import dev.utter.worker.storage.ObjectNotFoundException;
import dev.utter.worker.storage.ObjectStore;
import dev.utter.worker.storage.UnusableObjectException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;

/**
 * Fetches context audio up to the point where the engine is needed: found, measured, downloaded,
 * decoded, at the model's rate. Objects whose codes are cached are not downloaded, and an object
 * that a request names twice is fetched once. Safe for several threads.
 */
final class ContextFetcher {
  private final ObjectStore store;
  private final BiFunction<byte[], DecodeOptions, Recording> decoder;
  private final CodesCache codes;
  private final ModelDescription model;
  private final long maxBytes;

  /**
   * A fetcher.
   *
   * @param decoder of recordings
   * @param maxBytes largest object
   */
  ContextFetcher(
      ObjectStore store,
      BiFunction<byte[], DecodeOptions, Recording> decoder,
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
    Map<ObjectLocation, ContextAudio> known = new HashMap<>();
    long frames = 0;
    DecodeOptions options =
        DecodeOptions.atRate(model.sampleRate()).tolerant(request.getTolerateDamagedContext());
    for (int i = 0; i < request.getContext().size(); i++) {
      String field = "context[" + i + "].audio";
      ContextUtterance utterance = request.getContext().get(i);
      ContextAudio audio =
          known.computeIfAbsent(location(utterance), location -> fetch(field, location, options));
      frames += audio.frames();
      if (frames > model.maxPositions()) {
        throw new RequestFailedException(
            FailureCode.CONTEXT_TOO_LONG,
            field,
            "the context up to and with %s has %d frames, the model has %d positions; cut %d frames (%s s)"
                .formatted(
                    field,
                    frames,
                    model.maxPositions(),
                    frames - model.maxPositions(),
                    seconds(frames - model.maxPositions())));
      }
      fetched.add(
          audio.with(AudioNote.lengthFor(utterance.getText(), model.duration(audio.frames()))));
    }
    return fetched;
  }

  private ContextAudio fetch(String field, ObjectLocation location, DecodeOptions options) {
    try {
      CodesCache.Key key =
          new CodesCache.Key(location.bucket(), location.key(), store.head(location).etag());
      return codes
          .get(key)
          .filter(audio -> options.tolerant() || !audio.isDamaged())
          .<ContextAudio>map(audio -> audio)
          .orElseGet(() -> decode(location, options));
    } catch (ObjectNotFoundException | BucketNotFoundException e) {
      throw new RequestFailedException(FailureCode.CONTEXT_NOT_FOUND, field, e.getMessage(), e);
    } catch (UnusableObjectException e) {
      throw new RequestFailedException(FailureCode.CONTEXT_UNREADABLE, field, e.getMessage(), e);
    } catch (UnreadableAudioException e) {
      throw new RequestFailedException(
          FailureCode.CONTEXT_UNREADABLE, field, location + ": " + e.getMessage(), e);
    }
  }

  private ContextAudio decode(ObjectLocation location, DecodeOptions options) {
    ObjectContent content = store.read(location, maxBytes);
    Recording recording = decoder.apply(content.bytes(), options);
    int length = recording.clip().length();
    int frames = (length + model.samplesPerFrame() - 1) / model.samplesPerFrame();
    return new ContextAudio.Decoded(
        recording.clip(), frames, key(location, content), recording.notes());
  }

  /** How long a number of frames too many is, rounded up to a tenth of a second. */
  private String seconds(long frames) {
    long millis = model.duration((int) Math.min(Integer.MAX_VALUE, frames)).toMillis();
    return String.format(Locale.ROOT, "%.1f", Math.ceil(millis / 100.0) / 10);
  }

  /** Of the bytes that were read: the object may have been replaced since it was looked up. */
  private static CodesCache.Key key(ObjectLocation location, ObjectContent content) {
    String etag = content.etag().isEmpty() ? Sha256.hex(content.bytes()) : content.etag();
    return new CodesCache.Key(location.bucket(), location.key(), etag);
  }

  private static ObjectLocation location(ContextUtterance utterance) {
    ObjectReference audio = utterance.getAudio();
    return new ObjectLocation(
        audio.getBucket(), audio.getKey(), Optional.ofNullable(audio.getVersionId()));
  }
}
