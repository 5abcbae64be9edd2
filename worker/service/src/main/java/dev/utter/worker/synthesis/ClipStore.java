package dev.utter.worker.synthesis;

import dev.utter.events.FailureCode;
import dev.utter.worker.digest.Sha256;
import dev.utter.worker.failure.RequestFailedException;
import dev.utter.worker.storage.ObjectHead;
import dev.utter.worker.storage.ObjectLocation;
import dev.utter.worker.storage.ObjectStore;
import dev.utter.worker.storage.PutResult;
import dev.utter.worker.storage.UnusableObjectException;
import java.util.Optional;

/**
 * Where clips are kept, one key a request. The first clip under a key stays: an attempt that comes
 * later, on whichever worker, finds it and uses it. What the metadata of a found clip says is held
 * against its bytes.
 */
final class ClipStore {
  private final ObjectStore store;

  ClipStore(ObjectStore store) {
    this.store = store;
  }

  /**
   * The clip of this very request, if it is stored already.
   *
   * @throws RequestFailedException if something else lies under the key
   */
  Optional<StoredClip> find(Plan plan) {
    try {
      return store.find(plan.destination()).map(head -> own(plan, head));
    } catch (UnusableObjectException e) {
      throw unusable(e);
    }
  }

  /**
   * Stores a clip unless one of this request is there; gives the one that is stored then.
   *
   * @throws RequestFailedException if something else lies under the key
   */
  StoredClip put(Plan plan, MarkedClip clip) {
    try {
      PutResult result =
          store.putIfAbsent(
              plan.destination(), clip.file(), plan.format().mediaType(), clip.facts().metadata());
      return result.created()
          ? new StoredClip(plan.destination(), result.head(), clip.facts())
          : own(plan, result.head());
    } catch (UnusableObjectException e) {
      throw unusable(e);
    }
  }

  private StoredClip own(Plan plan, ObjectHead head) {
    return ClipFacts.of(head.metadata())
        .filter(facts -> facts.requestId().equals(plan.requestId()))
        .filter(facts -> facts.fingerprint().equals(plan.fingerprint()))
        .filter(facts -> facts.sha256().equals(Sha256.hex(store.read(plan.destination()))))
        .map(facts -> new StoredClip(plan.destination(), head, facts))
        .orElseThrow(() -> taken(plan.destination()));
  }

  private static RequestFailedException taken(ObjectLocation location) {
    return new RequestFailedException(
        FailureCode.INVALID_REQUEST,
        "output",
        location
            + " holds an object that is not this request's clip; nothing is overwritten,"
            + " choose another prefix or request id");
  }

  /** The bucket is one of the settings, so what is wrong is the key that the request leads to. */
  private static RequestFailedException unusable(UnusableObjectException why) {
    return new RequestFailedException(FailureCode.INVALID_REQUEST, "output", why.getMessage(), why);
  }
}
