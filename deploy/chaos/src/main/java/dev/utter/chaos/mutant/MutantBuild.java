package dev.utter.chaos.mutant;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/** Compiles the classes of a mutant from the project's source. */
public final class MutantBuild {
  private MutantBuild() {}

  /**
   * Compiles the changed source file.
   *
   * @param home the project's folder
   * @param folder where sources and classes go
   * @return the folder of the classes, to be put in front of the worker's class path
   * @throws IllegalStateException if the file does not contain the text exactly once, if this Java
   *     has no compiler, or if the result does not compile
   */
  public static Path build(Mutant mutant, Path home, Path folder) throws IOException {
    Path source = home.resolve(mutant.source());
    String changed = changed(mutant, Files.readString(source));
    Path sources = Files.createDirectories(folder.resolve("sources"));
    Path classes = Files.createDirectories(folder.resolve("classes"));
    Path file = Files.writeString(sources.resolve(source.getFileName()), changed);
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    if (compiler == null) {
      throw new IllegalStateException("this Java has no compiler; a JDK is needed");
    }
    StringWriter said = new StringWriter();
    try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
      boolean compiled =
          compiler
              .getTask(
                  said,
                  files,
                  null,
                  List.of(
                      "--release",
                      "17",
                      "-proc:none",
                      "-nowarn",
                      "-cp",
                      System.getProperty("java.class.path"),
                      "-d",
                      classes.toString()),
                  null,
                  files.getJavaFileObjects(file))
              .call();
      if (!compiled) {
        throw new IllegalStateException(mutant.words() + " does not compile: " + said);
      }
    }
    return classes;
  }

  static String changed(Mutant mutant, String source) {
    int first = source.indexOf(mutant.text());
    if (first < 0 || source.indexOf(mutant.text(), first + 1) >= 0) {
      throw new IllegalStateException(
          mutant.words()
              + ": \""
              + mutant.text()
              + "\" stands "
              + (first < 0 ? "nowhere" : "more than once")
              + " in "
              + mutant.source());
    }
    return source.replace(mutant.text(), mutant.replacement());
  }
}
