package dev.utter.benchmarks.watermark;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.utter.benchmarks.measure.Machine;
import dev.utter.benchmarks.measure.Numbers;
import dev.utter.benchmarks.measure.SizedWatermark;
import dev.utter.benchmarks.watermark.WatermarkBench.Times;
import dev.utter.cli.command.DeviceOption;
import dev.utter.cli.command.ExitCodes;
import dev.utter.speech.torch.TorchEngine;
import dev.utter.speech.watermark.AudioWatermark;
import dev.utter.speech.watermark.Watermark;
import dev.utter.speech.watermark.WatermarkSettings;
import dev.utter.speech.watermark.WatermarkSettings.Precision;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What the watermark costs per second of audio, and what an urgent clip waits for. */
@Command(
    name = "watermark",
    description = {
      "Times the watermark: a clip is marked and checked, alone and then beside BULK clips that are"
          + " marked without a pause.",
      "endToEnd is the time to mark, check and verify a second of audio: one embedding and two"
          + " looks. Without a folder the networks have the published sizes and random weights."
    },
    exitCodeList = {"0:measured", "2:wrong command line", "3:the networks cannot be loaded or run"},
    exitCodeListHeading = "Exit codes:%n")
public final class WatermarkBenchCommand implements Callable<Integer> {

  private static final int VERIFICATIONS = 2;
  private static final double MILLIS = 1e3;

  @Spec private CommandSpec spec;

  @Parameters(arity = "0..1", paramLabel = "DIR", description = "Folder of the networks.")
  private Path folder;

  @Option(
      names = "--clip",
      paramLabel = "SECONDS",
      defaultValue = "3",
      description = "Length of the urgent clip (default: ${DEFAULT-VALUE}).")
  private double clip;

  @Option(
      names = "--bulk",
      paramLabel = "SECONDS",
      defaultValue = "90",
      description = "Length of the BULK clips beside it (default: ${DEFAULT-VALUE}).")
  private double bulk;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "5",
      description = "Clips of each kind (default: ${DEFAULT-VALUE}).")
  private int rounds;

  @Option(
      names = "--precision",
      paramLabel = "P",
      defaultValue = "AUTO",
      description = "Of looks: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  private Precision precision;

  @Mixin private DeviceOption device;

  @Option(names = "--json", description = "Print one JSON line.")
  private boolean json;

  @Override
  public Integer call() {
    check(clip > 0 && bulk > 0, "--clip and --bulk must be above 0 seconds");
    check(rounds > 0, "--rounds is " + rounds + ", must be at least 1");
    check(folder == null || Files.isDirectory(folder), folder + " is not a folder");
    TorchEngine engine = TorchEngine.start(TorchEngine.resolve(device.engine()));
    WatermarkSettings settings =
        new WatermarkSettings(
            OptionalDouble.empty(),
            WatermarkSettings.DEFAULT.threshold(),
            WatermarkSettings.DEFAULT.minimumRepeats(),
            precision);
    ObjectNode result = measure(engine, settings);
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(result);
    } else {
      result.properties().forEach(entry -> out.println(entry.getKey() + " " + entry.getValue()));
    }
    out.flush();
    return ExitCodes.OK;
  }

  private ObjectNode measure(TorchEngine engine, WatermarkSettings settings) {
    try (AudioWatermark watermark =
        folder == null
            ? SizedWatermark.load(engine, settings)
            : Watermark.load(engine, folder, settings)) {
      WatermarkBench bench = new WatermarkBench(watermark, rounds);
      Times alone = bench.alone(clip);
      Times beside = bench.beside(clip, bulk);
      double embed = Numbers.median(alone.embed()) / clip;
      double look = Numbers.median(alone.look()) / clip;
      ObjectNode result = JsonNodeFactory.instance.objectNode();
      result.put("benchmark", "watermark");
      result.put(
          "networks", folder == null ? SizedWatermark.NAME : folder.getFileName().toString());
      result.put("precision", precision.name());
      result.put("threads", engine.threads());
      result.put("clipSeconds", clip);
      result.put("rounds", rounds);
      result.put("embedSecondsPerSecond", Numbers.shown(embed));
      result.put("lookSecondsPerSecond", Numbers.shown(look));
      result.put("endToEndSecondsPerSecond", Numbers.shown(embed + VERIFICATIONS * look));
      result.put("aloneMillisP50", Numbers.shown(MILLIS * Numbers.median(alone.both())));
      result.put("bulkSeconds", bulk);
      result.put("besideBulkMillisP50", Numbers.shown(MILLIS * Numbers.median(beside.both())));
      result.put(
          "besideBulkMillisMax", Numbers.shown(MILLIS * Numbers.percentile(beside.both(), 1)));
      Machine.describe(result);
      return result;
    }
  }

  private void check(boolean valid, String message) {
    if (!valid) {
      throw new ParameterException(spec.commandLine(), message);
    }
  }
}
