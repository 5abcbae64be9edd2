package dev.utter.cli.command.speech;

import dev.utter.cli.command.DeviceOption;
import dev.utter.cli.command.ExitCodes;
import dev.utter.cli.command.ModelOptions;
import dev.utter.speech.audio.AudioClip;
import dev.utter.speech.watermark.Detection;
import dev.utter.speech.watermark.Watermark;
import dev.utter.speech.watermark.WatermarkKey;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Looks for the mark in a file. */
@Command(
    name = "detect",
    description = "Says whether a file carries the watermark with the expected key.",
    exitCodeList = {
      "0:the expected key was found (MATCH)",
      "1:another key (OTHER_KEY) or no mark (NOT_FOUND)",
      "2:wrong command line",
      "3:the file or the networks cannot be read"
    },
    exitCodeListHeading = "Exit codes:%n")
final class WatermarkDetectCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private ModelOptions models;
  @Mixin private DeviceOption device;
  @Mixin private KeyOptions keys;

  @Parameters(
      paramLabel = "FILE",
      description =
          "Audio of any usual format: WAV, FLAC, MP3, M4A, WebM, Ogg, AIFF, CAF and more.")
  private Path file;

  @Option(names = "--json", description = "Print the result as JSON.")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    WatermarkKey key = keys.key();
    AudioClip clip = new AudioFiles().read(file);
    Detection detection;
    try (Watermark watermark = models.loadWatermark(device.engine())) {
      detection = watermark.detect(clip, key);
    }
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(MarkReport.found(file, detection, key));
    } else {
      out.printf(
          Locale.ROOT,
          "%s: %s, confidence %.2f, key %s (%s)%n",
          file,
          detection.outcome(),
          detection.confidence(),
          key.id(),
          detection.reason());
    }
    out.flush();
    return detection.matches() ? ExitCodes.OK : ExitCodes.NO;
  }
}
