package dev.utter.worker.storage.answer;

import java.io.IOException;

/** Carries an answer of the store past the SDK, which loses those that are not XML. */
public final class StoreAnswerException extends IOException {
  private final transient StoreAnswer answer;

  StoreAnswerException(StoreAnswer answer) {
    super("the store answers " + answer.describe());
    this.answer = answer;
  }

  public StoreAnswer answer() {
    return answer;
  }
}
