package dev.utter.speech.watermark.network;

/** The numeric precision of a look at a clip. */
public enum LookPrecision {
  /** 32 bit. */
  EXACT,
  /** A lower precision that is faster on this device; only a decisive look counts. */
  REDUCED
}
