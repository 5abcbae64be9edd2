package dev.utter.chaos.check;

/**
 * A promise that did not hold.
 *
 * @param id request id, or the key, object or worker concerned
 * @param promise the broken promise
 * @param evidence entries of the history that show it
 */
public record Violation(String id, Promise promise, String evidence) {

  /** One line. */
  @Override
  public String toString() {
    return id + ": " + promise.words() + ": " + evidence;
  }
}
