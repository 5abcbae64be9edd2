package dev.utter.speech.csm;

/**
 * How generations are run.
 *
 * @param prefillChunk positions of a prompt run through the backbone at once; bounds the memory a
 *     long prompt takes; default 256
 */
public record GenerationSettings(int prefillChunk) {

  public GenerationSettings {
    if (prefillChunk < 1) {
      throw new IllegalArgumentException(
          "prefillChunk is " + prefillChunk + ", must be at least 1");
    }
  }

  /** Prefills 256 positions at once. */
  public static GenerationSettings defaults() {
    return new GenerationSettings(256);
  }
}
