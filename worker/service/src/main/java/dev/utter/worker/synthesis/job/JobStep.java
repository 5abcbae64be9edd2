package dev.utter.worker.synthesis.job;

import java.util.Locale;

/** What is done to a job, one step after the other: the table of the steps. */
public enum JobStep {
  /** Decoded, checked, and looked for in the store. */
  PREPARATION(Pool.PREPARATION, Patience.ENDS, Unexpected.REPEATS),
  /** Context audio is fetched and decoded. */
  CONTEXT(Pool.CONTEXT, Patience.ENDS, Unexpected.REPEATS),
  /** Context audio becomes codes. */
  ENCODING(Pool.ENCODING, Patience.ENDS, Unexpected.MAKES_SUSPECT),
  /** Into the engine and out of it; the generation itself is the engine's. */
  GENERATION(Pool.GENERATION, Patience.ENDS, Unexpected.MAKES_SUSPECT),
  /** The clip gets its mark, its file and the check of both. */
  MARKING(Pool.MARKING, Patience.ENDS, Unexpected.RESTARTS),
  /** The file goes to the store. */
  STORAGE(Pool.STORAGE, Patience.ENDS, Unexpected.REPEATS),
  /** A job that waited for something and is not wanted any more is ended. */
  ENDING(Pool.PUBLICATION, Patience.ENDS, Unexpected.REPEATS),
  /** The outcome is built and handed to the intake; there is no other end, so no limit. */
  PUBLICATION(Pool.PUBLICATION, Patience.LASTS, Unexpected.REPEATS);

  /** The thread pools of the steps. */
  public enum Pool {
    PREPARATION(false),
    CONTEXT(false),
    ENCODING(true),
    /** Short ways into the engine and out of it, some of them in native code. */
    GENERATION(true),
    MARKING(true),
    STORAGE(false),
    PUBLICATION(false);

    private final boolean nativeCode;

    Pool(boolean nativeCode) {
      this.nativeCode = nativeCode;
    }

    /** Whether its threads may be in native code, which cannot be interrupted. */
    public boolean isNative() {
      return nativeCode;
    }

    /** Begins the names of its threads. */
    public String label() {
      return "utter-" + name().toLowerCase(Locale.ROOT);
    }
  }

  /** What happens to a job whose step fails repeatedly while it succeeds for others. */
  private enum Patience {
    ENDS,
    LASTS
  }

  /** What follows an unexpected error. */
  private enum Unexpected {
    /** The step is repeated. */
    REPEATS,
    /** The attempt begins anew. */
    RESTARTS,
    /** The attempt begins anew, and alone: the error may be the request's doing. */
    MAKES_SUSPECT
  }

  private final Pool pool;
  private final Patience patience;
  private final Unexpected unexpected;

  JobStep(Pool pool, Patience patience, Unexpected unexpected) {
    this.pool = pool;
    this.patience = patience;
    this.unexpected = unexpected;
  }

  /** The pool that runs it. */
  public Pool pool() {
    return pool;
  }

  /** Whether it is spent in native code that may hang; the engine is watched otherwise. */
  boolean isNative() {
    return pool.isNative() && this != GENERATION;
  }

  /** Whether patience with it ends. */
  public boolean bounded() {
    return patience == Patience.ENDS;
  }

  /** Whether an unexpected error in it may be the request's: those in the engine. */
  boolean makesSuspect() {
    return unexpected == Unexpected.MAKES_SUSPECT;
  }

  /** Whether an unexpected error in it begins the attempt anew, and not only the step. */
  public boolean restarts() {
    return unexpected != Unexpected.REPEATS;
  }

  /**
   * Whether it reads objects that callers name, so that its errors may hold what is in them and go
   * to the log only.
   */
  public boolean readsForeignObjects() {
    return this == CONTEXT;
  }

  /** Name in metrics and logs. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
