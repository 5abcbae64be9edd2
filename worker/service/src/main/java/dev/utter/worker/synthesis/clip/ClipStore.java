package dev.utter.worker.synthesis.clip;

import dev.utter.events.FailureCode;
import dev.utter.speech.digest.Sha256;
import dev.utter.worker.failure.FailureText;
import dev.utter.worker.failure.RequestFailedException;
import dev.utter.worker.storage.ClipProof;
import dev.utter.worker.storage.ObjectStore;
import dev.utter.worker.storage.failure.UnusableObjectException;
import dev.utter.worker.storage.object.ObjectHead;
import dev.utter.worker.storage.object.PutResult;
import dev.utter.worker.synthesis.request.Plan;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The store of clips, one key per request. The first clip under a key stays: a later attempt, on
 * any worker, finds it and uses it. A found clip is accepted only if its metadata is {@linkplain
 * ClipProof proved}, and holds the digest of its bytes: others may put objects there.
 */
public final class ClipStore {
  private static final Logger LOGGER = LoggerFactory.getLogger(ClipStore.class);

  private final ObjectStore store;
  private final ClipProof proof;

  public ClipStore(ObjectStore store, ClipProof proof) {
    this.store = store;
    this.proof = proof;
  }

  /**
   * The clip of this very request, if it is stored already.
   *
   * @throws RequestFailedException if something else lies under the key
   */
  public Optional<StoredClip> find(Plan plan) {
    try {
      return store.find(plan.destination()).map(head -> own(plan, head));
    } catch (UnusableObjectException e) {
      throw unusable(e);
    }
  }

  /**
   * Stores a clip unless one of this request is there; returns the one that is stored.
   *
   * @throws RequestFailedException if something else lies under the key
   */
  public StoredClip put(Plan plan, MarkedClip clip) {
    try {
      PutResult result =
          store.putIfAbsent(
              plan.destination(),
              clip.file(),
              plan.format().mediaType(),
              proof.prove(plan.destination(), clip.facts().metadata()));
      return result.created()
          ? new StoredClip(plan.destination(), result.head(), clip.facts())
          : own(plan, result.head());
    } catch (UnusableObjectException e) {
      throw unusable(e);
    }
  }

  private StoredClip own(Plan plan, ObjectHead head) {
    if (!proof.isProved(plan.destination(), head.metadata())) {
      throw foreign(plan, "its metadata has no proof by a secret of output.clipKeys");
    }
    ClipFacts facts =
        ClipFacts.of(head.metadata())
            .filter(known -> known.requestId().equals(plan.requestId()))
            .filter(known -> known.fingerprint().equals(plan.fingerprint()))
            .orElseThrow(() -> foreign(plan, "it is the clip of another content"));
    if (!facts.sha256().equals(Sha256.hex(store.read(plan.destination())))) {
      throw foreign(plan, "its bytes are not those that its metadata is about");
    }
    return new StoredClip(plan.destination(), head, facts);
  }

  private static RequestFailedException foreign(Plan plan, String why) {
    LOGGER
        .atWarn()
        .addKeyValue("request", plan.requestId())
        .addKeyValue("object", plan.destination())
        .addKeyValue("reason", why)
        .log("The object under a clip's key is not that clip");
    return new RequestFailedException(
        FailureCode.INVALID_REQUEST,
        "output",
        plan.destination()
            + " holds an object that is not this request's clip; nothing is overwritten,"
            + " choose another prefix or request id");
  }

  /** The bucket is one of the settings, so the fault is in the key that the request determines. */
  private static RequestFailedException unusable(UnusableObjectException why) {
    return new RequestFailedException(
        FailureCode.INVALID_REQUEST, "output", FailureText.of(why), why);
  }
}
