package dev.utter.scripts;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Scripts of the project run by bash, and those they call replaced by small ones. */
final class ShellScript {

  /** What a run said and how it ended. */
  record Run(int exitCode, String out, String err) {}

  private ShellScript() {}

  /** Writes a script for bash that can be executed. */
  static void write(Path file, String body) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, "#!/bin/bash\n" + body);
    makeExecutable(file);
  }

  /** Copies a script of the project. */
  static void copy(Path script, Path to) throws IOException {
    Files.createDirectories(to.getParent());
    Files.copy(script, to);
    makeExecutable(to);
  }

  /** Runs a script to its end in {@code folder}, with {@code folder/bin} first on the PATH. */
  static Run run(
      Path folder, Map<String, String> environment, String script, List<String> arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("/bin/bash", script));
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
    String path = folder.resolve("bin") + ":" + builder.environment().get("PATH");
    builder.environment().put("PATH", path);
    builder.environment().putAll(environment);
    Path out = folder.resolve("stdout");
    Path err = folder.resolve("stderr");
    Process process = builder.redirectOutput(out.toFile()).redirectError(err.toFile()).start();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return new Run(process.exitValue(), Files.readString(out), Files.readString(err));
  }

  private static void makeExecutable(Path file) throws IOException {
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }
}
