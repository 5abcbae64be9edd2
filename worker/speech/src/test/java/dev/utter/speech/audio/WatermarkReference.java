package dev.utter.speech.audio;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/** The reference numbers of {@code watermark-dev/reference.safetensors}. */
public final class WatermarkReference {
  /** The fixture's folder. */
  public static final Path FOLDER =
      Path.of(System.getProperty("utter.home"), "worker/speech/src/test/fixtures/watermark-dev");

  private WatermarkReference() {}

  /** The tensor's values in row-major order. */
  public static float[] floats(String key) {
    try {
      ByteBuffer file =
          ByteBuffer.wrap(Files.readAllBytes(FOLDER.resolve("reference.safetensors")))
              .order(ByteOrder.LITTLE_ENDIAN);
      int header = Math.toIntExact(file.getLong(0));
      JsonNode entry = new ObjectMapper().readTree(file.array(), 8, header).required(key);
      int from = 8 + header + entry.required("data_offsets").get(0).intValue();
      int to = 8 + header + entry.required("data_offsets").get(1).intValue();
      float[] values = new float[(to - from) / Float.BYTES];
      file.slice(from, to - from).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
      return values;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A 24 kHz or 44.1 kHz clip of the reference. */
  public static AudioClip clip(String key) {
    boolean original = key.endsWith(".input") || key.endsWith(".output");
    return new AudioClip(floats(key), original ? 24_000 : 44_100);
  }

  /** The largest difference between two arrays of one length. */
  public static double largestDifference(float[] a, float[] b) {
    if (a.length != b.length) {
      throw new AssertionError("lengths differ: " + a.length + " and " + b.length);
    }
    double largest = 0;
    for (int i = 0; i < a.length; i++) {
      largest = Math.max(largest, Math.abs(a[i] - b[i]));
    }
    return largest;
  }
}
