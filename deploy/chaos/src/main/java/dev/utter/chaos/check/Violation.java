package dev.utter.chaos.check;

/**
 * A promise that did not hold.
 *
 * @param id request, or what stands in its place
 * @param promise which
 * @param evidence what the history holds against it
 */
public record Violation(String id, Promise promise, String evidence) {

  /** One line. */
  @Override
  public String toString() {
    return id + ": " + promise.words() + ": " + evidence;
  }
}
