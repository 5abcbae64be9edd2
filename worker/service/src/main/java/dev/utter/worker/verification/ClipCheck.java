package dev.utter.worker.verification;

import static java.util.Objects.requireNonNull;

import dev.utter.events.ObjectReference;
import dev.utter.events.Verdict;
import dev.utter.speech.audio.AudioClip;
import dev.utter.speech.audio.DecodeOptions;
import dev.utter.speech.audio.ffmpeg.AudioToolException;
import dev.utter.speech.audio.file.UnreadableAudioException;
import dev.utter.speech.digest.Sha256;
import dev.utter.speech.failure.EngineBrokenException;
import dev.utter.speech.watermark.AudioWatermark;
import dev.utter.speech.watermark.Detection;
import dev.utter.speech.watermark.KeyRing;
import dev.utter.speech.watermark.network.PassPriority;
import dev.utter.worker.access.AccessRules;
import dev.utter.worker.decoding.BoundedDecoder;
import dev.utter.worker.failure.FailureText;
import dev.utter.worker.failure.RequestFailedException;
import dev.utter.worker.failure.WorkerBrokenException;
import dev.utter.worker.rules.ClipMetadata;
import dev.utter.worker.rules.Excerpt;
import dev.utter.worker.rules.RequestIds;
import dev.utter.worker.storage.ObjectStore;
import dev.utter.worker.storage.failure.BucketNotFoundException;
import dev.utter.worker.storage.failure.ObjectNotFoundException;
import dev.utter.worker.storage.failure.StorageUnavailableException;
import dev.utter.worker.storage.failure.UnusableObjectException;
import dev.utter.worker.storage.object.ObjectLocation;
import dev.utter.worker.streams.StageActivity;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.Optional;
import java.util.function.DoubleSupplier;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads one stored clip and looks for the watermark. Every clip gives a finding; only a store that
 * does not answer gives none. A clip that cannot be read is reported as unreadable, not as
 * unmarked.
 *
 * <p>Threading: safe; several clips may be checked at a time.
 */
final class ClipCheck {
  /** Above all rates that clips are written in; the mark is looked for at a lower one. */
  private static final int HIGHEST_RATE = 48_000;

  private static final Pattern KEY_ID = Pattern.compile("[A-Za-z0-9._-]{1,64}");

  private static final Logger LOGGER = LoggerFactory.getLogger(ClipCheck.class);

  private final VerificationSettings settings;
  private final AccessRules access;
  private final ObjectStore store;
  private final BoundedDecoder decoder;
  private final AudioWatermark watermark;
  private final KeyRing keys;
  private final StageActivity activity;
  private final ReadPatience patience;
  private final DoubleSupplier draw;

  /**
   * @param activity receives the steps of each look as progress with the record
   */
  ClipCheck(
      VerificationSettings settings,
      AccessRules access,
      ObjectStore store,
      BoundedDecoder decoder,
      AudioWatermark watermark,
      KeyRing keys,
      StageActivity activity,
      Clock clock) {
    this(
        settings,
        access,
        store,
        decoder,
        watermark,
        keys,
        activity,
        clock,
        new SecureRandom()::nextDouble);
  }

  /**
   * @param draw unpredictable numbers of 0 to 1, one for each clip that may be verified by its
   *     digest
   */
  ClipCheck(
      VerificationSettings settings,
      AccessRules access,
      ObjectStore store,
      BoundedDecoder decoder,
      AudioWatermark watermark,
      KeyRing keys,
      StageActivity activity,
      Clock clock,
      DoubleSupplier draw) {
    this.draw = requireNonNull(draw, "draw is null");
    this.settings = requireNonNull(settings, "settings is null");
    this.access = requireNonNull(access, "access is null");
    this.store = requireNonNull(store, "store is null");
    this.decoder = requireNonNull(decoder, "decoder is null");
    this.watermark = requireNonNull(watermark, "watermark is null").at(PassPriority.VERIFICATION);
    this.keys = requireNonNull(keys, "keys is null");
    this.activity = requireNonNull(activity, "activity is null");
    patience = new ReadPatience(store, settings.patience(), clock);
  }

  /**
   * The finding.
   *
   * @throws StorageUnavailableException if the object has to be requested again
   */
  Finding check(StoredClip clip) {
    try {
      access.checkVerification("audio", clip.audio());
    } catch (RequestFailedException e) {
      return Finding.unread(Verdict.OBJECT_MISSING, lookedFor(clip), FailureText.of(e));
    }
    ObjectLocation location = location(clip.audio());
    byte[] bytes;
    try {
      bytes = store.read(location);
    } catch (ObjectNotFoundException | BucketNotFoundException e) {
      return unread(clip, location, Verdict.OBJECT_MISSING, FailureText.of(e));
    } catch (UnusableObjectException e) {
      return unread(clip, location, Verdict.OBJECT_UNREADABLE, FailureText.of(e));
    } catch (StorageUnavailableException e) {
      if (!patience.endsFor(location)) {
        throw e;
      }
      return unread(
          clip,
          location,
          Verdict.OBJECT_UNREADABLE,
          e.getMessage() + "; others in its bucket could be read for " + settings.patience());
    }
    patience.forget(location);
    String sha256 = Sha256.hex(bytes);
    if (clip.expectedSha256().filter(expected -> !expected.equals(sha256)).isPresent()) {
      return Finding.read(
          Verdict.OBJECT_CHANGED,
          lookedFor(clip),
          0,
          sha256,
          "the SHA-256 of the stored bytes is not the one expected, "
              + Excerpt.of(clip.expectedSha256().get()));
    }
    return detect(clip, bytes, sha256);
  }

  /** The finding for a clip that is not checked at all. */
  Finding unchecked(StoredClip clip, String why) {
    return Finding.unread(Verdict.RATE_LIMITED, lookedFor(clip), why);
  }

  private Finding unread(
      StoredClip clip, ObjectLocation location, Verdict verdict, String message) {
    patience.forget(location);
    return Finding.unread(verdict, lookedFor(clip), message);
  }

  /** The key that is looked for first. */
  private String lookedFor(StoredClip clip) {
    return clip.keyId().map(ClipCheck::quotable).orElse(keys.marking().id());
  }

  /**
   * The keys to look for; empty if the clip is said to be marked with a key that is not known here.
   * While keys are rotated, workers have different rings.
   */
  private Optional<KeyRing> expected(StoredClip clip) {
    return clip.keyId().isEmpty()
        ? Optional.of(keys)
        : clip.keyId().flatMap(keys::find).map(KeyRing::of);
  }

  /** A device that fails with every clip must not give a finding about one clip. */
  private Detection detect(AudioClip audio, KeyRing expected) {
    try {
      return watermark.reporting(activity.progressOfThisThread()).detect(audio, expected);
    } catch (EngineBrokenException e) {
      throw new WorkerBrokenException("the engine is broken: " + e.getMessage(), e);
    }
  }

  /**
   * The finding for bytes of the announced digest, unless the clip is one of the share in which the
   * mark is looked for: its worker has found it in these very bytes.
   */
  private Optional<Finding> byDigest(StoredClip clip, String sha256) {
    boolean announced =
        clip.announcedConfidence().isPresent()
            && clip.keyId().isPresent()
            && clip.expectedSha256().filter(sha256::equals).isPresent();
    if (!announced
        || settings.detectedShare() >= 1
        || draw.getAsDouble() < settings.detectedShare()) {
      return Optional.empty();
    }
    return Optional.of(
        new Finding(
            Verdict.MATCH,
            clip.keyId().get(),
            clip.announcedConfidence().get(),
            Optional.of(sha256),
            Optional.empty(),
            true));
  }

  private Finding detect(StoredClip clip, byte[] bytes, String sha256) {
    String lookedFor = lookedFor(clip);
    Optional<KeyRing> expected = expected(clip);
    if (expected.isEmpty()) {
      return unknownKey(lookedFor, sha256);
    }
    Optional<Finding> byDigest = byDigest(clip, sha256);
    if (byDigest.isPresent()) {
      return byDigest.get();
    }
    AudioClip audio;
    try {
      audio = decoder.decode(bytes, DecodeOptions.upTo(HIGHEST_RATE)).clip();
    } catch (UnreadableAudioException | AudioToolException e) {
      // Not tried again: a file made to exhaust the decoder would hold up all the others.
      return Finding.read(
          Verdict.OBJECT_UNREADABLE,
          lookedFor,
          0,
          sha256,
          "the object cannot be decoded: " + e.getMessage());
    }
    Detection detection = detect(audio, expected.get());
    if (!detection.matches()) {
      // For the operator only: numbers and reasons help those who want to remove or forge a mark.
      LOGGER
          .atInfo()
          .addKeyValue("requestId", RequestIds.safe(clip.requestId()))
          .addKeyValue("outcome", detection.outcome())
          .addKeyValue("confidence", detection.confidence())
          .addKeyValue("reason", detection.reason())
          .log("No key of the ring was found in a clip");
      Optional<String> unknown = unknownKey(clip);
      if (unknown.isPresent()) {
        return unknownKey(quotable(unknown.get()), sha256);
      }
    }
    return switch (detection.outcome()) {
      case MATCH ->
          new Finding(
              Verdict.MATCH,
              detection.keyId().orElseThrow(),
              detection.confidence(),
              Optional.of(sha256),
              Optional.empty());
      case OTHER_KEY ->
          Finding.read(
              Verdict.OTHER_KEY,
              lookedFor,
              detection.confidence(),
              sha256,
              "the mark carries another key than the one looked for");
      case NOT_FOUND ->
          Finding.read(
              Verdict.NOT_FOUND,
              lookedFor,
              detection.confidence(),
              sha256,
              "no mark that can be relied on");
    };
  }

  /** A valid id unchanged; an invalid one as an excerpt, because it may have any size. */
  private static String quotable(String keyId) {
    return KEY_ID.matcher(keyId).matches() ? keyId : Excerpt.of(keyId);
  }

  private static Finding unknownKey(String keyId, String sha256) {
    return Finding.read(
        Verdict.KEY_UNKNOWN,
        keyId,
        0,
        sha256,
        "the clip is said to be marked with the key "
            + keyId
            + ", which is not in watermark.keys of this worker: nothing is known of its mark");
  }

  /** The key that the object of a request names, if it is not in the ring. */
  private Optional<String> unknownKey(StoredClip clip) {
    if (clip.keyId().isPresent()) {
      return Optional.empty();
    }
    try {
      return store
          .find(location(clip.audio()))
          .map(head -> head.metadata().get(ClipMetadata.WATERMARK_KEY_ID))
          .filter(id -> keys.find(id).isEmpty());
    } catch (UnusableObjectException e) {
      return Optional.empty();
    }
  }

  private static ObjectLocation location(ObjectReference audio) {
    return new ObjectLocation(
        audio.getBucket(), audio.getKey(), Optional.ofNullable(audio.getVersionId()));
  }
}
