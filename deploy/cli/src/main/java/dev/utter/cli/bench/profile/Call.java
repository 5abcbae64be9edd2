package dev.utter.cli.bench.profile;

/**
 * One call as the trace tells it.
 *
 * @param name of the operator with its namespace, or of a function of the program, which has none
 * @param thread which thread ran it
 * @param startMicros from the trace's own beginning
 * @param durationMicros with what it called itself
 */
record Call(String name, long thread, double startMicros, double durationMicros) {

  double endMicros() {
    return startMicros + durationMicros;
  }

  /** Whether this is a function of the program and not an operator of libtorch. */
  boolean isFunction() {
    return !name.contains("::");
  }
}
