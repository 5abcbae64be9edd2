package dev.utter.producer.command;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/**
 * A context utterance as written on a command line: {@code SPEAKER:TEXT:FILE}. The first colon ends
 * the speaker number and the last one begins the file, so the text may hold colons and the file's
 * name may not.
 *
 * @param speaker speaker number
 * @param text what is said in the recording
 * @param file the recording
 */
record ContextArgument(int speaker, String text, Path file) {

  /**
   * Reads one argument.
   *
   * @throws IllegalArgumentException if it is not of that form
   */
  static ContextArgument parse(String argument) {
    int first = argument.indexOf(':');
    int last = argument.lastIndexOf(':');
    if (first < 0 || first == last || last == argument.length() - 1) {
      throw new IllegalArgumentException("'" + argument + "' is not of the form SPEAKER:TEXT:FILE");
    }
    try {
      return new ContextArgument(
          Integer.parseInt(argument.substring(0, first)),
          argument.substring(first + 1, last),
          Path.of(argument.substring(last + 1)));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "'" + argument.substring(0, first) + "' is not a speaker number", e);
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }
}
