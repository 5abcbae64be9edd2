package dev.utter.worker.admission;

import dev.utter.events.ContextUtterance;
import dev.utter.events.GenerationOptions;
import dev.utter.events.ObjectReference;
import dev.utter.events.SynthesisRequested;
import dev.utter.speech.digest.Sha256;
import dev.utter.worker.digest.FieldDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.TreeMap;
import java.util.function.Consumer;

/** Digest of what a request asks for: SHA-256, 32 bytes. */
final class Fingerprint {
  private final byte[] digest;

  Fingerprint(byte[] digest) {
    this.digest = digest.clone();
  }

  /**
   * The fingerprint of a request. Two records have the same one if they differ at most in {@code
   * requestedAt} and {@code deadline} (a caller that publishes again computes both again), in the
   * schema version they were written with, and in the order of their attributes.
   *
   * <p>Fields are written one by one and not as Avro writes them: a request that is published again
   * after the schema has grown is still the same request. A field added later must therefore only
   * be written where it does not have its default.
   */
  static Fingerprint of(SynthesisRequested request) {
    FieldDigest digest = new FieldDigest();
    digest.add(request.getRequestId()).add(request.getText()).add(request.getSpeaker());
    digest.add(request.getContext().size());
    for (ContextUtterance utterance : request.getContext()) {
      ObjectReference audio = utterance.getAudio();
      digest.add(utterance.getSpeaker()).add(utterance.getText());
      digest.add(audio.getBucket()).add(audio.getKey());
      addOptional(digest, audio.getVersionId(), digest::add);
    }
    GenerationOptions options = request.getOptions();
    digest.add(options.getMaxDurationMillis());
    digest.add(Float.floatToIntBits(options.getTemperature())).add(options.getTopK());
    addOptional(digest, options.getSeed(), digest::add);
    digest.add(options.getFormat().name());
    addOptional(digest, request.getOutput().getBucket(), digest::add);
    addOptional(digest, request.getOutput().getPrefix(), digest::add);
    digest.add(request.getPriority().name());
    // Placeholder of the deadline, which earlier versions included: stored digests stay valid.
    digest.add(0);
    digest.add(request.getAttributes().size());
    new TreeMap<>(request.getAttributes()).forEach((name, value) -> digest.add(name).add(value));
    if (request.getTolerateDamagedContext()) {
      digest.add(1);
    }
    return new Fingerprint(digest.finish());
  }

  /** The fingerprint of a value that cannot be read as a request; null for a record without one. */
  static Fingerprint ofUnreadable(byte[] value) {
    return new Fingerprint(Sha256.of(value == null ? new byte[0] : value));
  }

  private static <T> void addOptional(FieldDigest digest, T value, Consumer<T> present) {
    digest.add(value == null ? 0 : 1);
    if (value != null) {
      present.accept(value);
    }
  }

  byte[] bytes() {
    return digest.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Fingerprint that && Arrays.equals(digest, that.digest);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(digest);
  }

  @Override
  public String toString() {
    return HexFormat.of().formatHex(digest);
  }
}
