package dev.utter.cli.command.speech;

import dev.utter.speech.audio.FileFormat;
import java.nio.file.Path;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The option for the format of the written file. */
final class FormatOption {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = "--format",
      paramLabel = "F",
      description =
          "${COMPLETION-CANDIDATES} (default: what the file's extension says: .wav, .flac, .opus,"
              + " .ogg, .mp3).")
  private FileFormat format;

  FileFormat of(Path file) {
    if (format != null) {
      return format;
    }
    return AudioFiles.formatOf(file)
        .orElseThrow(
            () ->
                new ParameterException(
                    spec.commandLine(),
                    "the extension of " + file + " says no format; give --format"));
  }
}
