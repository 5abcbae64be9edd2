package dev.utter.worker.synthesis.context;

import static java.util.Objects.requireNonNull;

import dev.utter.events.ContextUtterance;
import dev.utter.events.FailureCode;
import dev.utter.events.ObjectReference;
import dev.utter.events.SynthesisRequested;
import dev.utter.speech.ModelDescription;
import dev.utter.speech.audio.AudioNote;
import dev.utter.speech.audio.DecodeOptions;
import dev.utter.speech.audio.Recording;
import dev.utter.speech.audio.file.UnreadableAudioException;
import dev.utter.speech.digest.Sha256;
import dev.utter.worker.failure.RequestFailedException;
import dev.utter.worker.storage.ObjectStore;
import dev.utter.worker.storage.failure.BucketNotFoundException;
import dev.utter.worker.storage.failure.ObjectNotFoundException;
import dev.utter.worker.storage.failure.UnusableObjectException;
import dev.utter.worker.storage.object.ObjectContent;
import dev.utter.worker.storage.object.ObjectHead;
import dev.utter.worker.storage.object.ObjectLocation;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fetches context audio up to the point where the engine is needed: found, measured, downloaded,
 * decoded, at the model's rate. All objects are looked up, and their sizes added, before the first
 * is downloaded. Objects whose codes are cached are not downloaded, and an object that a request
 * names twice is fetched once. Safe for several threads.
 *
 * <p>The error for an object that is missing, refused, too large or no recording is always the same
 * sentence; the log has the reason. The exception is a recording of which a part can be decoded:
 * the caller needs to know how much.
 */
public final class ContextFetcher {
  private static final Logger LOGGER = LoggerFactory.getLogger(ContextFetcher.class);

  private final ObjectStore store;
  private final BiFunction<byte[], DecodeOptions, Recording> decoder;
  private final CodesCache codes;
  private final ModelDescription model;
  private final Limits limits;

  /**
   * How much is fetched.
   *
   * @param objectBytes largest object
   * @param requestBytes largest sum of the objects of one request
   */
  public record Limits(long objectBytes, long requestBytes) {}

  /**
   * A fetcher.
   *
   * @param decoder of recordings
   */
  public ContextFetcher(
      ObjectStore store,
      BiFunction<byte[], DecodeOptions, Recording> decoder,
      CodesCache codes,
      ModelDescription model,
      Limits limits) {
    this.store = store;
    this.decoder = decoder;
    this.codes = codes;
    this.model = model;
    this.limits = limits;
  }

  /**
   * The context of a request, in order.
   *
   * @throws RequestFailedException naming the utterance whose audio cannot be used
   */
  public List<ContextAudio> fetch(SynthesisRequested request) {
    Map<ObjectLocation, ObjectHead> heads = lookUp(request);
    List<ContextAudio> fetched = new ArrayList<>();
    Map<ObjectLocation, ContextAudio> known = new HashMap<>();
    ByteBudget budget = new ByteBudget(limits.requestBytes());
    DecodeOptions options =
        DecodeOptions.atRate(model.sampleRate()).tolerant(request.getTolerateDamagedContext());
    long frames = 0;
    for (int i = 0; i < request.getContext().size(); i++) {
      ContextUtterance utterance = request.getContext().get(i);
      ObjectLocation location = location(utterance);
      ContextAudio audio = known.get(location);
      if (audio == null) {
        audio =
            refusing(
                request,
                i,
                () -> fetch(location, requireNonNull(heads.get(location)).etag(), options, budget));
        known.put(location, audio);
      }
      frames += audio.frames();
      requireRoom(field(i), frames);
      fetched.add(
          audio.with(AudioNote.lengthFor(utterance.getText(), model.duration(audio.frames()))));
    }
    return fetched;
  }

  private Map<ObjectLocation, ObjectHead> lookUp(SynthesisRequested request) {
    Map<ObjectLocation, ObjectHead> heads = new HashMap<>();
    long bytes = 0;
    for (int i = 0; i < request.getContext().size(); i++) {
      ObjectLocation location = location(request.getContext().get(i));
      if (heads.containsKey(location)) {
        continue;
      }
      ObjectHead head = refusing(request, i, () -> lookUp(location));
      heads.put(location, head);
      bytes += head.size();
      if (bytes > limits.requestBytes()) {
        throw new RequestFailedException(
            FailureCode.CONTEXT_TOO_LONG,
            "context",
            "the objects of the context up to and with %s have more than %d bytes in all"
                .formatted(field(i), limits.requestBytes()));
      }
    }
    return heads;
  }

  private ObjectHead lookUp(ObjectLocation location) {
    ObjectHead head = store.head(location);
    if (head.size() > limits.objectBytes()) {
      throw new UnreadableAudioException(
          "the object has %d bytes, the limit is %d".formatted(head.size(), limits.objectBytes()));
    }
    return head;
  }

  private ContextAudio fetch(
      ObjectLocation location, String etag, DecodeOptions options, ByteBudget budget) {
    return codes
        .get(new CodesCache.Key(location.bucket(), location.key(), etag))
        .filter(audio -> options.tolerant() || !audio.isDamaged())
        .<ContextAudio>map(audio -> audio)
        .orElseGet(() -> decode(location, options, budget));
  }

  private ContextAudio decode(ObjectLocation location, DecodeOptions options, ByteBudget budget) {
    // The object may have been replaced by a larger one since it was looked up.
    ObjectContent content = store.read(location, Math.min(limits.objectBytes(), budget.left()));
    budget.take(content.bytes().length);
    Recording recording = decoder.apply(content.bytes(), options);
    int length = recording.clip().length();
    int frames = (length + model.samplesPerFrame() - 1) / model.samplesPerFrame();
    return new ContextAudio.Decoded(
        recording.clip(), frames, key(location, content), recording.notes());
  }

  /** Turns facts about an object into the failure of the request, without the facts. */
  private <T> T refusing(SynthesisRequested request, int index, Supplier<T> work) {
    try {
      return work.get();
    } catch (ObjectNotFoundException | BucketNotFoundException e) {
      throw unusable(request, index, FailureCode.CONTEXT_NOT_FOUND, e);
    } catch (UnusableObjectException e) {
      throw unusable(request, index, FailureCode.CONTEXT_UNREADABLE, e);
    } catch (UnreadableAudioException e) {
      if (e.isDamaged()) {
        throw new RequestFailedException(
            FailureCode.CONTEXT_UNREADABLE, field(index), field(index) + ": " + e.getMessage(), e);
      }
      throw unusable(request, index, FailureCode.CONTEXT_UNREADABLE, e);
    }
  }

  private RequestFailedException unusable(
      SynthesisRequested request, int index, FailureCode code, RuntimeException why) {
    LOGGER
        .atInfo()
        .addKeyValue("request", request.getRequestId())
        .addKeyValue("field", field(index))
        .addKeyValue("object", location(request.getContext().get(index)))
        .addKeyValue("reason", why.getMessage())
        .log("Context recording cannot be used");
    return new RequestFailedException(
        code,
        field(index),
        "%s cannot be used: it must be an object that the worker may read, of %d bytes at most,"
                .formatted(field(index), limits.objectBytes())
            + " that holds a recording of a known format; the worker's log has the reason",
        why);
  }

  private void requireRoom(String field, long frames) {
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
  }

  private static String field(int index) {
    return "context[" + index + "].audio";
  }

  /** How long a number of frames too many is, rounded up to a tenth of a second. */
  private String seconds(long frames) {
    long millis = model.duration((int) Math.min(Integer.MAX_VALUE, frames)).toMillis();
    return String.format(Locale.ROOT, "%.1f", Math.ceil(millis / 100.0) / 10);
  }

  /** The key of the bytes that were read: the object may have been replaced since the look-up. */
  private static CodesCache.Key key(ObjectLocation location, ObjectContent content) {
    String etag = content.etag().isEmpty() ? Sha256.hex(content.bytes()) : content.etag();
    return new CodesCache.Key(location.bucket(), location.key(), etag);
  }

  private static ObjectLocation location(ContextUtterance utterance) {
    ObjectReference audio = utterance.getAudio();
    return new ObjectLocation(
        audio.getBucket(), audio.getKey(), Optional.ofNullable(audio.getVersionId()));
  }

  /** What is left of a number of bytes. */
  private static final class ByteBudget {
    private long left;

    ByteBudget(long bytes) {
      left = bytes;
    }

    long left() {
      return left;
    }

    void take(long bytes) {
      left -= bytes;
    }
  }
}
