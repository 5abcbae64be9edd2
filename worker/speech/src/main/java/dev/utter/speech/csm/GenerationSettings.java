package dev.utter.speech.csm;

/**
 * How generations are run.
 *
 * @param repeatedFrameLimit so many equal frames in a row end a generation; 0 switches this off;
 *     default 25, two seconds at 12.5 frames per second
 * @param prefillChunk positions of a prompt run through the backbone at once; bounds the memory a
 *     long prompt takes; default 256
 */
public record GenerationSettings(int repeatedFrameLimit, int prefillChunk) {

  public GenerationSettings {
    if (repeatedFrameLimit < 0 || repeatedFrameLimit == 1) {
      throw new IllegalArgumentException(
          "repeatedFrameLimit is " + repeatedFrameLimit + ", must be 0 or at least 2");
    }
    if (prefillChunk < 1) {
      throw new IllegalArgumentException(
          "prefillChunk is " + prefillChunk + ", must be at least 1");
    }
  }

  /** Ends after two seconds of the same frame, prefills 256 positions at once. */
  public static GenerationSettings defaults() {
    return new GenerationSettings(25, 256);
  }

  /** These settings without an end for repeated frames. */
  public GenerationSettings withoutRepeatedFrameLimit() {
    return new GenerationSettings(0, prefillChunk);
  }
}
