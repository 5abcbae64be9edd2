package dev.utter.speech.torch.program;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The source of a program and of all files that it refers to, directly or through others.
 *
 * @param main the source with the program's class
 * @param files the other sources by the names under which programs refer to them: {@code csm.norm}
 *     for {@code __torch__.csm.norm.eps_tail(...)}, which is {@code csm/norm.py}
 */
public record ProgramSources(String main, Map<String, String> files) {

  /** A function or a class of a file. */
  private static final Pattern REFERENCE =
      Pattern.compile("\\b__torch__\\.([a-z_]\\w*(?:\\.[a-z_]\\w*)*)\\.\\w+");

  /** Beginning of the names that libtorch itself defines. */
  private static final String BUILT_IN = "torch.classes.";

  /**
   * Collects a program.
   *
   * @param main the source with the program's class
   * @param replacements resources that take the place of files, by the files' names
   * @param reader the source of a resource, for example {@code csm/norm}
   */
  public static ProgramSources collect(
      String main, Map<String, String> replacements, UnaryOperator<String> reader) {
    Map<String, String> files = new TreeMap<>();
    Deque<String> unread = new ArrayDeque<>();
    unread.add(main);
    while (!unread.isEmpty()) {
      Matcher reference = REFERENCE.matcher(unread.remove());
      while (reference.find()) {
        String file = reference.group(1);
        if (!file.startsWith(BUILT_IN) && !files.containsKey(file)) {
          String source = reader.apply(replacements.getOrDefault(file, file.replace('.', '/')));
          files.put(file, source);
          unread.add(source);
        }
      }
    }
    return new ProgramSources(main, files);
  }
}
