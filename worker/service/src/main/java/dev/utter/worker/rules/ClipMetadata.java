package dev.utter.worker.rules;

/** Names in the metadata of clips that more than their writer needs. */
public final class ClipMetadata {
  /** Id of the key that a clip is marked with. */
  public static final String WATERMARK_KEY_ID = "utter-watermark-key-id";

  private ClipMetadata() {}
}
