package dev.utter.speech.failure;

/** A checkpoint cannot be used. The message names file, tensor, what was expected and found. */
public final class CheckpointException extends RuntimeException {

  public CheckpointException(String message) {
    super(message);
  }

  public CheckpointException(String message, Throwable cause) {
    super(message, cause);
  }

  /**
   * A tensor is invalid.
   *
   * @param file the file, or the folder where no file holds the tensor
   * @param tensor key of the tensor
   * @param expected what it should be, for example a shape
   * @param found what it is, for example another shape or {@code nothing}
   */
  public static CheckpointException tensor(
      Object file, String tensor, Object expected, Object found) {
    return new CheckpointException(
        file + ": tensor " + tensor + ": expected " + expected + ", found " + found);
  }
}
