package dev.utter.worker.failure;

/** Text of an exception, for messages. */
public final class FailureText {
  private FailureText() {}

  /** Its message; the name of its class where it has none. */
  public static String of(Throwable failure) {
    String message = failure.getMessage();
    return message == null ? failure.getClass().getSimpleName() : message;
  }
}
