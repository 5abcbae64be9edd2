package dev.utter.cli.command.model;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.utter.cli.command.DeviceOption;
import dev.utter.cli.command.ExitCodes;
import dev.utter.cli.command.PrecisionOption;
import dev.utter.speech.parity.Comparison;
import dev.utter.speech.parity.Parity;
import dev.utter.speech.parity.ParityReport;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Compares the engine with reference numbers. */
@Command(
    name = "parity",
    description = {
      "Runs the reference cases of a fixture and prints, per quantity, the largest difference.",
      "A fixture is a checkpoint folder with reference.json and reference.safetensors; a watermark"
          + " fixture is looked for in it and beside it (watermark*).",
      "In another precision than FLOAT32 the language model runs with teacher forcing"
          + " on the reference's codes: the report has the share of codes that it would have"
          + " chosen otherwise, and the divergence of the distributions."
    },
    exitCodeList = {
      "0:every quantity is within its bound",
      "1:some quantity is not",
      "2:wrong command line, or nothing to compare",
      "3:the fixture cannot be read or run"
    },
    exitCodeListHeading = "Exit codes:%n")
public final class ParityCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "FIXTURE_DIR", description = "The fixture.")
  private Path fixture;

  @Mixin private DeviceOption device;
  @Mixin private PrecisionOption precision;

  @Option(names = "--json", description = "Print the report as JSON.")
  private boolean json;

  @Override
  public Integer call() {
    if (!Files.isDirectory(fixture)) {
      throw new ParameterException(spec.commandLine(), fixture + " is not a folder");
    }
    ParityReport report = run();
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(toJson(report).toPrettyString());
    } else {
      print(report, out);
    }
    out.flush();
    return report.passed() ? ExitCodes.OK : ExitCodes.NO;
  }

  private ParityReport run() {
    try {
      return Parity.run(fixture, device.engine().withPrecision(precision.precision()));
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  private static void print(ParityReport report, PrintWriter out) {
    out.printf("%-36s %12s %10s  %-4s %s%n", "quantity", "difference", "bound", "", "detail");
    for (Comparison comparison : report.comparisons()) {
      out.printf(
          Locale.ROOT,
          "%-36s %12.3g %10.3g  %-4s %s%n",
          comparison.quantity(),
          comparison.difference(),
          comparison.bound(),
          comparison.passed() ? "ok" : "FAIL",
          comparison.detail());
    }
    long failed = report.comparisons().stream().filter(c -> !c.passed()).count();
    out.printf("%d quantities compared, %d out of bounds%n", report.comparisons().size(), failed);
  }

  private static ObjectNode toJson(ParityReport report) {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    root.put("fixture", report.fixture().toString());
    root.put("passed", report.passed());
    for (Comparison comparison : report.comparisons()) {
      ObjectNode line = root.withArray("/comparisons").addObject();
      line.put("quantity", comparison.quantity());
      // JSON has no infinity, so a difference that is not finite is null.
      if (Double.isFinite(comparison.difference())) {
        line.put("difference", comparison.difference());
      } else {
        line.putNull("difference");
      }
      line.put("bound", comparison.bound());
      line.put("passed", comparison.passed());
      line.put("detail", comparison.detail());
    }
    return root;
  }
}
