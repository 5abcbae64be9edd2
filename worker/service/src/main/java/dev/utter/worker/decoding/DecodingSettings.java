package dev.utter.worker.decoding;

/**
 * Settings of decoding.
 *
 * @param memoryBytes memory for files that are being decoded, in all roles together; default a
 *     quarter of the heap. A file that may need more is decoded alone
 */
public record DecodingSettings(long memoryBytes) {

  private static final long MIB = 1L << 20;
  private static final long LARGEST_MEMORY_BYTES = 1L << 40;

  /** Checks. */
  public DecodingSettings {
    if (memoryBytes < MIB || memoryBytes > LARGEST_MEMORY_BYTES) {
      throw new IllegalArgumentException(
          "decoding.memoryBytes is "
              + memoryBytes
              + ", must be "
              + MIB
              + " to "
              + LARGEST_MEMORY_BYTES);
    }
  }

  /** A quarter of this JVM's heap. */
  public static DecodingSettings defaults() {
    return new DecodingSettings(Math.max(MIB, Runtime.getRuntime().maxMemory() / 4));
  }
}
