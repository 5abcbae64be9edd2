package dev.utter.worker.admission;

import dev.utter.events.SynthesisRequested;
import dev.utter.worker.digest.Sha256;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.TreeMap;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificDatumWriter;

/** Digest of what a request asks for: SHA-256, 32 bytes. */
final class Fingerprint {
  private final byte[] digest;

  Fingerprint(byte[] digest) {
    this.digest = digest.clone();
  }

  /**
   * The fingerprint of a request. Two records have the same one if they differ at most in {@code
   * requestedAt} (a caller that publishes again stamps it again), in the schema version they were
   * written with, and in the order of their attributes.
   */
  static Fingerprint of(SynthesisRequested request) {
    SynthesisRequested content =
        SynthesisRequested.newBuilder(request)
            .setRequestedAt(Instant.EPOCH)
            .setAttributes(new TreeMap<>(request.getAttributes()))
            .build();
    try {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(bytes, null);
      new SpecificDatumWriter<>(SynthesisRequested.class).write(content, encoder);
      encoder.flush();
      return new Fingerprint(Sha256.of(bytes.toByteArray()));
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory failed", e);
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
