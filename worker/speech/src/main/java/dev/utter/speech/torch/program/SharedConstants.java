package dev.utter.speech.torch.program;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The numbers that TorchScript programs share with the C++ operators. Their only place is the
 * header {@code src/main/cpp/cpu/constants.h}, which is a resource. {@code kEpsTail} is {@code
 * EPS_TAIL} in programs.
 */
final class SharedConstants {

  private static final String HEADER = "/dev/utter/speech/native/constants.h";

  private static final Pattern CONSTANT =
      Pattern.compile("(?m)^constexpr (int64_t|float) k(\\w+) = ([^;]+);$");

  private SharedConstants() {}

  /** The numbers by their names in programs. */
  static Map<String, Number> read() {
    try (InputStream in = SharedConstants.class.getResourceAsStream(HEADER)) {
      if (in == null) {
        throw new IllegalStateException("no resource " + HEADER);
      }
      return parse(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * The constants of a header.
   *
   * @throws IllegalArgumentException if it has a constant of another form
   */
  static Map<String, Number> parse(String header) {
    Map<String, Number> constants = new TreeMap<>();
    Matcher matcher = CONSTANT.matcher(header);
    while (matcher.find()) {
      constants.put(programName(matcher.group(2)), number(matcher.toMatchResult()));
    }
    long declared = header.lines().filter(line -> line.startsWith("constexpr ")).count();
    if (declared != constants.size()) {
      throw new IllegalArgumentException(
          "the header declares "
              + declared
              + " constants, "
              + constants.size()
              + " are understood, must be 'constexpr TYPE kName = NUMBER;' each");
    }
    return constants;
  }

  private static Number number(MatchResult constant) {
    String digits = constant.group(3);
    if (constant.group(1).equals("float")) {
      return Float.valueOf(digits);
    }
    return Long.valueOf(digits);
  }

  private static String programName(String name) {
    return name.replaceAll("(?<=.)([A-Z])", "_$1").toUpperCase(Locale.ROOT);
  }
}
