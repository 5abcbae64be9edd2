package dev.utter.speech.failure;

/** The utterance breaks a rule; it will never succeed as it is. */
public final class InvalidUtteranceException extends RuntimeException {

  private final String field;

  /**
   * @param field which field, for example {@code context[1].text}
   * @param value the bad value or a description of it; request text is not repeated in full
   * @param rule the rule that a valid value follows
   */
  public InvalidUtteranceException(String field, String value, String rule) {
    super(field + " is " + value + ", " + rule);
    this.field = field;
  }

  /** Which field broke the rule, for example {@code context[1].text}. */
  public String field() {
    return field;
  }
}
