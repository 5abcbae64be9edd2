package dev.utter.benchmarks.profile;

/**
 * One call as the trace records it.
 *
 * @param name of the operator with its namespace, or of a function of the program, which has none
 * @param thread which thread ran it
 * @param startMicros from the trace's own beginning
 * @param durationMicros with what it called itself
 * @param id by which work on a device refers to it; {@link #NONE} if the trace gives none
 */
record Call(String name, long thread, double startMicros, double durationMicros, long id) {

  static final long NONE = -1;

  Call(String name, long thread, double startMicros, double durationMicros) {
    this(name, thread, startMicros, durationMicros, NONE);
  }

  double endMicros() {
    return startMicros + durationMicros;
  }

  /** Whether this is a function of the program and not an operator of libtorch. */
  boolean isFunction() {
    return !name.contains("::");
  }
}
