package dev.utter.speech.torch;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts the open owners of native memory: scopes and programs. If the number is higher after some
 * work than before, memory has leaked.
 */
public final class NativeMemory {

  private static final AtomicLong OPEN = new AtomicLong();

  private NativeMemory() {}

  /** Scopes and programs that are open now. */
  public static long openOwners() {
    return OPEN.get();
  }

  static void opened() {
    OPEN.incrementAndGet();
  }

  static void closed() {
    OPEN.decrementAndGet();
  }
}
