package dev.utter.speech.torch.program;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The class of a source file: its name, and the types of its attributes by name.
 *
 * @param name without the name of the file
 * @param attributes types by name, in order
 */
record ProgramClass(String name, Map<String, String> attributes) {

  private static final Pattern CLASS = Pattern.compile("^class (\\w+)\\(Module\\):\\s*$");
  private static final Pattern ATTRIBUTE = Pattern.compile("^  (\\w+) ?: ?([^#=]+?)\\s*(#.*)?$");

  /**
   * Reads the first class of a source.
   *
   * @throws IllegalArgumentException if there is none derived from {@code Module}, or it lacks the
   *     attribute that every module has
   */
  static ProgramClass of(String source) {
    String name = null;
    Map<String, String> attributes = new LinkedHashMap<>();
    for (String line : source.split("\n")) {
      Matcher header = CLASS.matcher(line);
      Matcher attribute = ATTRIBUTE.matcher(line);
      if (name == null && header.matches()) {
        name = header.group(1);
      } else if (name != null && line.startsWith("  def ")) {
        break;
      } else if (name != null && attribute.matches()) {
        attributes.put(attribute.group(1), attribute.group(2));
      }
    }
    if (name == null) {
      throw new IllegalArgumentException("no line 'class NAME(Module):' in the source");
    }
    if (!attributes.containsKey("training")) {
      throw new IllegalArgumentException(
          "class " + name + " lacks the attribute 'training : bool'");
    }
    return new ProgramClass(name, attributes);
  }
}
