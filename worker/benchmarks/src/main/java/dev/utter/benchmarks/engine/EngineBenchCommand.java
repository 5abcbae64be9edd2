package dev.utter.benchmarks.engine;

import dev.utter.benchmarks.measure.ModelSource;
import dev.utter.benchmarks.measure.Prompts;
import dev.utter.benchmarks.measure.SourceOptions;
import dev.utter.cli.command.DeviceOption;
import dev.utter.cli.command.ExitCodes;
import dev.utter.cli.command.NativeOptions;
import dev.utter.speech.measure.PrecisionQuality;
import dev.utter.speech.torch.EngineSettings.Precision;
import dev.utter.speech.torch.TorchEngine;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Measures the speech engine. */
@Command(
    name = "engine",
    description = {
      "Measures the speech engine: prompts of random text ids, greedy, a fixed number of frames.",
      "Measures the making of codes only, as the peer's generate() does; --audio adds"
          + " the decoding of the sound. The rate is that of the frames after the first; the"
          + " first one, with the prompt, is reported separately.",
      "With --peer-python the same work is done by transformers' CSM, turn by turn with this"
          + " engine; the ratio of a round is taken within that round, the ratio reported is the median."
    },
    exitCodeList = {
      "0:measured",
      "2:wrong command line",
      "3:the model cannot be loaded or run, or the peer cannot"
    },
    exitCodeListHeading = "Exit codes:%n")
public final class EngineBenchCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private SourceOptions model = new SourceOptions();
  @Mixin private DeviceOption device;
  @Mixin private NativeOptions library;

  @Option(
      names = "--batch",
      split = ",",
      paramLabel = "N",
      defaultValue = "1,8",
      description = "Streams side by side (default: ${DEFAULT-VALUE}).")
  private List<Integer> batches;

  @Option(
      names = "--context",
      split = ",",
      paramLabel = "N",
      defaultValue = "0",
      description =
          "Positions of the prompt before its sentence of 16 (default: ${DEFAULT-VALUE}).")
  private List<Integer> contexts;

  @Option(
      names = "--precision",
      split = ",",
      paramLabel = "P",
      defaultValue = "FLOAT32",
      description = "Types of the weights: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  private List<Precision> precisions;

  @Option(
      names = "--frames",
      paramLabel = "N",
      defaultValue = "25",
      description = "Frames of every turn (default: ${DEFAULT-VALUE}).")
  private int frames;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "3",
      description = "Turns of each side (default: ${DEFAULT-VALUE}).")
  private int rounds;

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = Option.NULL_VALUE,
      description = "Threads of either side (default: one per processor).")
  private Optional<Integer> threads;

  @Option(
      names = "--busy",
      paramLabel = "N",
      defaultValue = "0",
      description =
          "Processes that keep a processor busy each, beside both sides (default:"
              + " ${DEFAULT-VALUE}).")
  private int busy;

  @Option(names = "--audio", description = "Decode the sound too, on both sides.")
  private boolean audio;

  @Option(
      names = "--watermark",
      paramLabel = "DIR",
      description =
          "Folder of the SilentCipher networks: mark and check the sound too, on this engine's"
              + " side, and report what everything together gives. --random silentcipher takes"
              + " random ones of the published sizes.")
  private Path watermark;

  @Option(
      names = "--peer-python",
      paramLabel = "PATH",
      description = "Python interpreter with torch and transformers, to run the peer.")
  private String peerPython;

  @Option(
      names = "--quality",
      description =
          "Compare every precision with 32 bit too, by teacher forcing on the same frames:"
              + " the share of equal greedy codes and the mean divergence of the distributions.")
  private boolean quality;

  @Option(names = "--json", description = "Print one JSON line per setting instead of a table.")
  private boolean json;

  @Override
  public Integer call() {
    EngineBenchSettings named = settings();
    ModelSource source = model.source();
    EngineBenchSettings settings =
        named.withDevice(TorchEngine.resolve(named.engine(Precision.FLOAT32)).device());
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    if (!json) {
      out.println(EngineTable.HEADING);
    }
    new EngineBench(
            settings,
            source,
            step -> {
              err.println(step);
              err.flush();
            },
            result -> {
              out.println(json ? result.toJson().toString() : EngineTable.row(result));
              out.flush();
            })
        .run();
    if (quality) {
      settings.precisions().stream()
          .filter(precision -> precision != Precision.FLOAT32)
          .forEach(precision -> compare(precision, settings, source));
    }
    return ExitCodes.OK;
  }

  private void compare(Precision precision, EngineBenchSettings settings, ModelSource source) {
    spec.commandLine().getErr().println("comparing " + precision + " with FLOAT32");
    PrecisionQuality found =
        PrecisionQuality.measure(
            settings.engine(precision),
            source.checkpoint(),
            Prompts.draw(source.checkpoint().config(), 0, 1).rows().get(0),
            settings.frames());
    PrintWriter out = spec.commandLine().getOut();
    out.println(
        json
            ? QualityLine.toJson(source.name(), settings.frames(), found).toString()
            : QualityLine.row(found));
    out.flush();
  }

  private EngineBenchSettings settings() {
    try {
      return new EngineBenchSettings(
          precisions,
          batches,
          contexts,
          frames,
          rounds,
          device.engine().device(),
          threads.map(OptionalInt::of).orElseGet(OptionalInt::empty),
          busy,
          audio,
          Optional.ofNullable(watermark),
          model.marksAtRandom(),
          library.file(),
          library.graphs(),
          Optional.ofNullable(peerPython));
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), "--" + e.getMessage(), e);
    }
  }
}
