package dev.utter.speech.torch.program;

import java.util.HashMap;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The names that stand for numbers in TorchScript programs, written {@code IN_CAPITALS}. The
 * dialect has no constants, so they are replaced before the source is compiled. Comments and texts
 * are left alone.
 *
 * <p>Every program knows the types of tensors, {@link TensorType}, and the numbers shared with the
 * C++ operators, {@link SharedConstants}.
 */
public final class ProgramConstants {

  /** A comment, a text, or a name in capitals. */
  private static final Pattern TOKEN =
      Pattern.compile("#[^\n]*|\"[^\"\n]*\"|\\b([A-Z][A-Z0-9_]+)\\b");

  /** libtorch's number of the plain order of a tensor's numbers, {@code c10::MemoryFormat}. */
  private static final int CONTIGUOUS_FORMAT = 0;

  private final Map<String, Number> values = new HashMap<>();

  /**
   * What every program knows, and the names of one program.
   *
   * @throws IllegalArgumentException if a name has two values
   */
  public ProgramConstants(Map<String, Integer> own) {
    for (TensorType type : TensorType.values()) {
      values.put(type.name(), type.code());
    }
    values.put("CONTIGUOUS_FORMAT", CONTIGUOUS_FORMAT);
    values.putAll(SharedConstants.read());
    own.forEach(
        (name, value) -> {
          Number other = values.put(name, value);
          if (other != null && !other.equals(value)) {
            throw new IllegalArgumentException(
                "constant " + name + " is " + value + " and " + other + ", must be one number");
          }
        });
  }

  /**
   * The source with numbers for names.
   *
   * @throws IllegalArgumentException for a name that is not known
   */
  public String substitute(String source) {
    return TOKEN.matcher(source).replaceAll(token -> Matcher.quoteReplacement(value(token)));
  }

  private String value(MatchResult token) {
    String name = token.group(1);
    if (name == null) {
      return token.group();
    }
    Number value = values.get(name);
    if (value == null) {
      throw new IllegalArgumentException(
          "the program names the constant " + name + ", which is unknown");
    }
    return value.toString();
  }
}
