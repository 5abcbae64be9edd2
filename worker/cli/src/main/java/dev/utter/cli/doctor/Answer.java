package dev.utter.cli.doctor;

import java.util.Optional;

/**
 * Result of one check.
 *
 * @param state whether it is ok
 * @param detail what was found, or why it was not checked
 * @param remedy what to do; there if and only if it is not ok
 */
record Answer(State state, String detail, Optional<String> remedy) {

  /** What came of a check. */
  enum State {
    OK("ok"),
    NOT_OK("not ok"),
    NOT_CHECKED("not checked");

    private final String text;

    State(String text) {
      this.text = text;
    }

    /** As it is printed. */
    String text() {
      return text;
    }
  }

  static Answer ok(String detail) {
    return new Answer(State.OK, detail, Optional.empty());
  }

  static Answer notOk(String detail, String remedy) {
    return new Answer(State.NOT_OK, detail, Optional.of(remedy));
  }

  static Answer notChecked(String why) {
    return new Answer(State.NOT_CHECKED, why, Optional.empty());
  }
}
