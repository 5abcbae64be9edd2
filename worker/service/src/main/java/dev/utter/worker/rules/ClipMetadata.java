package dev.utter.worker.rules;

/** Names of clip metadata that are also used outside the code that writes it. */
public final class ClipMetadata {
  /** Id of the key that a clip is marked with. */
  public static final String WATERMARK_KEY_ID = "utter-watermark-key-id";

  private ClipMetadata() {}
}
