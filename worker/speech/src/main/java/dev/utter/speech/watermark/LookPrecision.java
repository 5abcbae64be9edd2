package dev.utter.speech.watermark;

/** With how many digits a look at a clip is computed. */
enum LookPrecision {
  /** 32 bit. */
  EXACT,
  /** As few as are faster on this device; only a decisive look counts. */
  REDUCED
}
