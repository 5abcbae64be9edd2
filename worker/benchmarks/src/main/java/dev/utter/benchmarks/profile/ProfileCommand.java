package dev.utter.benchmarks.profile;

import dev.utter.benchmarks.measure.SourceOptions;
import dev.utter.cli.command.DeviceOption;
import dev.utter.cli.command.ExitCodes;
import dev.utter.cli.command.NativeOptions;
import dev.utter.speech.torch.EngineSettings;
import dev.utter.speech.torch.EngineSettings.Precision;
import dev.utter.speech.torch.TorchEngine;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Reports where the time of a frame step goes. */
@Command(
    name = "profile",
    description = {
      "Reports how the time of a frame step is spent: steps of a warmed-up model are timed, then some"
          + " are recorded with libtorch's own profiler.",
      "Times of calls are their own, without what they call, on the processor that makes them."
          + " Recording makes a step longer; the shares are those of the recorded time.",
      "With the native library, what a GPU does for them is reported too: its kernels, what they serve,"
          + " the gaps between them, copies and waits."
    },
    exitCodeList = {"0:measured", "2:wrong command line", "3:the model cannot be loaded or run"},
    exitCodeListHeading = "Exit codes:%n")
public final class ProfileCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private SourceOptions model = new SourceOptions();

  @Option(
      names = "--batch",
      paramLabel = "N",
      defaultValue = "1",
      description = "Streams side by side (default: ${DEFAULT-VALUE}).")
  private int batch;

  @Option(
      names = "--context",
      paramLabel = "N",
      defaultValue = "0",
      description =
          "Positions of the prompt before its sentence of 16 (default: ${DEFAULT-VALUE}).")
  private int context;

  @Option(
      names = "--precision",
      paramLabel = "P",
      defaultValue = "FLOAT32",
      description = "Type of the weights: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  private Precision precision;

  @Mixin private DeviceOption device;

  @Mixin private NativeOptions library;

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = Option.NULL_VALUE,
      description = "Threads of the processor (default: one per processor).")
  private Optional<Integer> threads;

  @Option(
      names = "--steps",
      paramLabel = "N",
      defaultValue = "4",
      description = "Steps to record (default: ${DEFAULT-VALUE}).")
  private int steps;

  @Option(
      names = "--trace",
      paramLabel = "FILE",
      description = "Keep what was recorded, for Chrome's trace viewer or Perfetto.")
  private Path trace;

  @Option(names = "--json", description = "Print one JSON line instead of a table.")
  private boolean json;

  @Override
  public Integer call() throws IOException {
    ProfileSettings named = settings();
    model.source();
    ProfileResult result = measure(named.withEngine(TorchEngine.resolve(named.engine())));
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(result.toJson());
    } else {
      ProfileTable.lines(result).forEach(out::println);
    }
    out.flush();
    return ExitCodes.OK;
  }

  private ProfileResult measure(ProfileSettings settings) throws IOException {
    PrintWriter err = spec.commandLine().getErr();
    Profiler profiler =
        new Profiler(
            settings,
            model.source(),
            step -> {
              err.println(step);
              err.flush();
            });
    if (trace != null) {
      return profiler.run(trace);
    }
    Path temporary = Files.createTempFile("utter-profile", ".json");
    try {
      return profiler.run(temporary);
    } finally {
      Files.delete(temporary);
    }
  }

  private ProfileSettings settings() {
    if (model.marksAtRandom()) {
      throw new ParameterException(
          spec.commandLine(), "--random is silentcipher, but a profile marks nothing");
    }
    try {
      EngineSettings engine =
          device
              .engine()
              .withThreads(threads.map(OptionalInt::of).orElseGet(OptionalInt::empty))
              .withPrecision(precision)
              .withNativeLibrary(library.file());
      return new ProfileSettings(engine, batch, context, library.graphs(), steps);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), "--" + e.getMessage(), e);
    }
  }
}
