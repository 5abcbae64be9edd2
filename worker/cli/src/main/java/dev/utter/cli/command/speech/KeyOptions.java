package dev.utter.cli.command.speech;

import dev.utter.speech.watermark.WatermarkKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.UnaryOperator;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * The options for the watermark key to embed or to look for. The key is a secret, so it is read
 * from the environment or from a file, never from the command line.
 */
final class KeyOptions {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @ArgGroup private Source source;

  @Option(
      names = "--key-id",
      paramLabel = "ID",
      description = "Name of the key in results (default: ${DEFAULT-VALUE}).",
      defaultValue = "command-line")
  private String id;

  private static final class Source {
    @Option(
        names = "--key-env",
        paramLabel = "NAME",
        description =
            "Environment variable that holds the key: ten hexadecimal digits, or five numbers"
                + " separated by commas. Without --key-env or --key-file the public demo key is"
                + " used, which proves nothing because everybody knows it.")
    private String variable;

    @Option(
        names = "--key-file",
        paramLabel = "FILE",
        description = "File that holds the key, written the same way.")
    private Path file;
  }

  /** The key that the options name. */
  WatermarkKey key() throws IOException {
    return key(System::getenv);
  }

  WatermarkKey key(UnaryOperator<String> environment) throws IOException {
    if (source == null) {
      return WatermarkKey.PUBLIC_DEMO;
    }
    try {
      return WatermarkKey.parse(id, text(environment));
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  private String text(UnaryOperator<String> environment) throws IOException {
    if (source.file != null) {
      return Files.readString(source.file);
    }
    String value = environment.apply(source.variable);
    if (value == null) {
      throw new ParameterException(
          spec.commandLine(), "--key-env: environment variable " + source.variable + " is not set");
    }
    return value;
  }
}
