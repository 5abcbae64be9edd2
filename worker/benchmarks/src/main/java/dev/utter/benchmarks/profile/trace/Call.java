package dev.utter.benchmarks.profile.trace;

/**
 * One call as the trace records it.
 *
 * @param name of the operator with its namespace, or of a function of the program, which has none
 * @param thread which thread ran it
 * @param startMicros start, from the beginning of the trace
 * @param durationMicros duration, including the calls below it
 * @param id by which work on a device refers to it; {@link #NONE} if the trace gives none
 */
public record Call(String name, long thread, double startMicros, double durationMicros, long id) {

  public static final long NONE = -1;

  public Call(String name, long thread, double startMicros, double durationMicros) {
    this(name, thread, startMicros, durationMicros, NONE);
  }

  double endMicros() {
    return startMicros + durationMicros;
  }

  /** Whether this is a function of the program and not an operator of libtorch. */
  public boolean isFunction() {
    return !name.contains("::");
  }
}
