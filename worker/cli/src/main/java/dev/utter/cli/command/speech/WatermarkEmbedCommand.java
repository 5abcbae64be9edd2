package dev.utter.cli.command.speech;

import dev.utter.cli.command.DeviceOption;
import dev.utter.cli.command.ExitCodes;
import dev.utter.cli.command.ModelOptions;
import dev.utter.speech.audio.AudioClip;
import dev.utter.speech.audio.FileFormat;
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

/** Marks a file. */
@Command(
    name = "embed",
    description =
        "Marks a clip and writes it, mono and at its own rate, once the mark is found"
            + " in the bytes to be written.",
    exitCodeList = {
      "0:written",
      "1:the mark could not be found in the encoded clip, so nothing was written",
      "2:wrong command line",
      "3:a file or the networks cannot be read or written"
    },
    exitCodeListHeading = "Exit codes:%n")
final class WatermarkEmbedCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private ModelOptions models;
  @Mixin private DeviceOption device;
  @Mixin private KeyOptions keys;
  @Mixin private FormatOption format;

  @Parameters(
      index = "0",
      paramLabel = "IN",
      description =
          "Audio of any usual format: WAV, FLAC, MP3, M4A, WebM, Ogg, AIFF, CAF and more.")
  private Path in;

  @Parameters(index = "1", paramLabel = "OUT", description = "The marked clip.")
  private Path out;

  @Option(names = "--json", description = "Print the result as JSON.")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    FileFormat fileFormat = format.of(out);
    WatermarkKey key = keys.key();
    AudioFiles files = new AudioFiles();
    AudioClip clip = files.read(in);
    Detection detection;
    try (Watermark watermark = models.loadWatermark(device.engine())) {
      detection = files.writeMarked(clip, out, fileFormat, watermark, key);
    }
    PrintWriter stdout = spec.commandLine().getOut();
    if (json) {
      stdout.println(MarkReport.marked(out, detection, key));
    } else if (detection.matches()) {
      stdout.printf(
          Locale.ROOT,
          "%s: marked with key %s, confidence %.2f%n",
          out,
          key.id(),
          detection.confidence());
    } else {
      stdout.println(MarkReport.notWritten(out, detection));
    }
    stdout.flush();
    return detection.matches() ? ExitCodes.OK : ExitCodes.NO;
  }
}
