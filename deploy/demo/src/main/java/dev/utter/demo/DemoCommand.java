package dev.utter.demo;

import dev.utter.cli.command.DeviceOption;
import dev.utter.cli.command.ExitCodes;
import dev.utter.cli.command.ModelOptions;
import dev.utter.cli.command.PrecisionOption;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Runs the demo. */
@Command(
    name = "demo",
    description = {
      "Starts Kafka, a schema registry, S3 and a worker in this process, publishes sample requests"
          + " and follows them to the end.",
      "The third request is cancelled and the fourth is invalid, on purpose."
    },
    exitCodeList = {
      "0:every request got its expected outcome; every clip was verified MATCH",
      "1:some request got another outcome",
      "2:wrong command line",
      "3:something could not be started, or an outcome did not come in time"
    },
    exitCodeListHeading = "Exit codes:%n")
final class DemoCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private ModelOptions models;
  @Mixin private DeviceOption device;
  @Mixin private PrecisionOption precision;

  @Option(
      names = "--requests",
      paramLabel = "N",
      description = "How many requests to send (default: ${DEFAULT-VALUE}).",
      defaultValue = "6")
  private int requests;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Folder for the clips and report.json (default: ${DEFAULT-VALUE}).",
      defaultValue = "out")
  private Path out;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      description = "How long to wait for all outcomes (default: ${DEFAULT-VALUE}).",
      defaultValue = "600")
  private long timeoutSeconds;

  @Option(names = "--json", description = "Print the report as JSON; progress on standard error.")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    PrintWriter stdout = spec.commandLine().getOut();
    DemoReport report;
    try (ProgressView view = ProgressView.on(spec.commandLine().getErr())) {
      report = Demo.run(settings(), view);
    }
    if (json) {
      stdout.println(report.toJson().toPrettyString());
    } else {
      summarise(report, stdout);
    }
    stdout.flush();
    return report.isGood() ? ExitCodes.OK : ExitCodes.NO;
  }

  private DemoSettings settings() {
    try {
      return new DemoSettings(
          requests,
          out,
          models.model(),
          device.engine().withPrecision(precision.precision()),
          models.watermark(),
          Duration.ofSeconds(timeoutSeconds));
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  private void summarise(DemoReport report, PrintWriter stdout) {
    for (DemoReport.Outcome outcome : report.outcomes()) {
      if (!outcome.asExpected()) {
        stdout.printf(
            "%s: expected %s, got %s%n",
            outcome.result().requestId(),
            outcome.expected(),
            outcome
                .result()
                .failed()
                .map(event -> event.getCode() + ": " + event.getMessage())
                .orElseGet(
                    () ->
                        "COMPLETED, "
                            + outcome
                                .result()
                                .verified()
                                .map(e -> e.getVerdict().name())
                                .orElse("")));
      }
    }
    stdout.printf(
        "%d requests: %d completed, %d of them verified to carry the watermark; %d failed%s%n",
        report.outcomes().size(),
        report.completed(),
        report.verified(),
        report.failed(),
        report.isGood() ? ", as expected" : "");
    stdout.println("Clips and report.json are in " + out);
  }
}
