package dev.utter.worker.storage;

import java.io.IOException;

/** Carries an answer of the store past the SDK, which loses those that are not XML. */
final class StoreAnswerException extends IOException {
  private final transient StoreAnswer answer;

  StoreAnswerException(StoreAnswer answer) {
    super("the store answers " + answer.describe());
    this.answer = answer;
  }

  StoreAnswer answer() {
    return answer;
  }
}
