package dev.utter.worker.synthesis;

import java.util.Locale;

/** What is done to a job, one step after the other. */
enum JobStep {
  /** Decoded, checked, and looked for in the store. */
  PREPARATION(Native.NO, true),
  /** Context audio is fetched and decoded. */
  CONTEXT(Native.NO, true),
  /** Context audio becomes codes. */
  ENCODING(Native.YES, true),
  /** Into the engine and out of it; the generation itself is the engine's. */
  GENERATION(Native.NO, true),
  /** The clip gets its mark, its file and the check of both. */
  MARKING(Native.YES, true),
  /** The file goes to the store. */
  STORAGE(Native.NO, true),
  /** A job that waited for something and is not wanted any more is ended. */
  ENDING(Native.NO, true),
  /** The outcome is built and handed to the intake; there is no other end, so no limit. */
  PUBLICATION(Native.NO, false);

  private enum Native {
    YES,
    NO
  }

  private final Native kind;
  private final boolean bounded;

  JobStep(Native kind, boolean bounded) {
    this.kind = kind;
    this.bounded = bounded;
  }

  /** Whether it is spent in native code, which cannot be interrupted. */
  boolean isNative() {
    return kind == Native.YES;
  }

  /** Whether patience with it ends. */
  boolean bounded() {
    return bounded;
  }

  /** Whether an unexpected error in it may be the request's: those in the engine. */
  boolean makesSuspect() {
    return this == ENCODING || this == GENERATION;
  }

  /** Whether an unexpected error in it begins the attempt anew, and not only the step. */
  boolean restarts() {
    return makesSuspect() || this == MARKING;
  }

  /**
   * Whether it reads objects that callers name, so that its errors may hold what is in them and go
   * to the log only.
   */
  boolean readsForeignObjects() {
    return this == CONTEXT;
  }

  /** In metrics and logs. */
  String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
