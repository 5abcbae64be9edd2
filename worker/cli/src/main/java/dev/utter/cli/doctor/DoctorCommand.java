package dev.utter.cli.doctor;

import dev.utter.cli.command.DeviceOption;
import dev.utter.cli.command.ExitCodes;
import dev.utter.cli.command.ModelOptions;
import dev.utter.cli.command.PrecisionOption;
import dev.utter.speech.torch.EngineSettings;
import dev.utter.worker.WorkerCheck;
import dev.utter.worker.settings.ModelSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Checks an installation. */
@Command(
    name = "doctor",
    description = {
      "Checks libtorch, processor, device, memory, model, watermark and decoder; with --config also"
          + " Kafka, schema registry and store.",
      "Each line is ok, not ok with a remedy, or not checked with the reason. No secret is printed.",
      "Loads the model, so it needs the memory of a worker."
    },
    exitCodeList = {
      "0:nothing is not ok",
      "1:something is not ok",
      "2:wrong command line",
      "3:the checks could not run"
    },
    exitCodeListHeading = "Exit codes:%n")
public final class DoctorCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private ModelOptions model;
  @Mixin private DeviceOption device;
  @Mixin private PrecisionOption precision;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description =
          "A worker's settings; the environment overrides each, and the options of this command"
              + " override both (default: the default settings, and no services).")
  private Path config;

  @Option(
      names = "--limit",
      paramLabel = "SECONDS",
      defaultValue = "600",
      description = "Time that one check may take (default: ${DEFAULT-VALUE}).")
  private int limit;

  @Option(names = "--json", description = "Print the result as one JSON object.")
  private boolean json;

  @Override
  public Integer call() throws InterruptedException {
    if (limit < 1) {
      throw new ParameterException(
          spec.commandLine(), "--limit is " + limit + ", must be at least 1");
    }
    DoctorSettings read = DoctorSettings.read(Optional.ofNullable(config), named());
    Report report = new Report(spec.commandLine().getOut(), json);
    report.add("settings", read.answer());
    boolean ok = check(read, report) && read.answer().state() != Answer.State.NOT_OK;
    report.end(ok);
    return ok ? ExitCodes.OK : ExitCodes.NO;
  }

  private boolean check(DoctorSettings read, Report report) throws InterruptedException {
    EngineSettings engine =
        read.settings().model().map(ModelSettings::engine).orElseGet(device::engine);
    Checkup checkup = new Checkup(Duration.ofSeconds(limit));
    WorkerCheck worker = new WorkerCheck(read.settings());
    try {
      List<Check> checks = new ArrayList<>(new MachineChecks(engine).all());
      checks.addAll(new ModelChecks(read.settings(), engine).all());
      checks.addAll(new WorkerChecks(worker, read.configured()).all());
      return checkup.run(checks, report::add);
    } finally {
      // What a check past its limit still uses ends with the process.
      if (checkup.allEnded()) {
        worker.close();
      }
    }
  }

  /** The settings that are given by options, by variable. */
  private Map<String, String> named() {
    Map<String, String> named = new HashMap<>();
    model.namedModel().ifPresent(source -> named.put("UTTER_MODEL_SOURCE", source.toString()));
    model
        .namedWatermark()
        .ifPresent(source -> named.put("UTTER_WATERMARK_SOURCE", source.toString()));
    if (isGiven("--device")) {
      named.put("UTTER_MODEL_DEVICE", device.engine().device());
    }
    if (isGiven("--precision")) {
      named.put("UTTER_MODEL_PRECISION", precision.precision().name());
    }
    return named;
  }

  private boolean isGiven(String option) {
    return spec.commandLine().getParseResult().hasMatchedOption(option);
  }
}
