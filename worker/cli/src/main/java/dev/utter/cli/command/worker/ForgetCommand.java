package dev.utter.cli.command.worker;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.utter.cli.command.ExitCodes;
import dev.utter.worker.erasure.Erasure;
import dev.utter.worker.erasure.ErasureReport;
import dev.utter.worker.settings.WorkerSettings;
import dev.utter.worker.settings.source.SettingsException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Removes the clip and the status row of one request. */
@Command(
    name = "forget",
    description = {
      "Deletes the clip of a request and its status row, and says what stays and how long.",
      "Kafka cannot delete one record of a log: what the other topics have of the request stays"
          + " until their retention ends."
    },
    exitCodeList = {
      "0:what can be removed is gone",
      "1:the request is not known or not finished, or something was not removed",
      "2:wrong command line or settings",
      "3:Kafka, the registry or the object store could not be used"
    },
    exitCodeListHeading = "Exit codes:%n")
public final class ForgetCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "REQUEST_ID", description = "The request.")
  private String requestId;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      required = true,
      description = "A worker's settings: kafka, registry and storage are used.")
  private Path config;

  @Option(
      names = "--patience",
      paramLabel = "SECONDS",
      description = "How long to wait for a status worker (default: ${DEFAULT-VALUE}).",
      defaultValue = "30")
  private int patience;

  @Option(names = "--json", description = "Print the report as JSON.")
  private boolean json;

  @Override
  public Integer call() {
    if (requestId.isBlank()) {
      throw new ParameterException(spec.commandLine(), "REQUEST_ID is blank");
    }
    if (patience < 1) {
      throw new ParameterException(
          spec.commandLine(), "--patience is " + patience + ", must be 1 or more");
    }
    ErasureReport report;
    try {
      report =
          new Erasure(WorkerSettings.load(config, System.getenv()), Duration.ofSeconds(patience))
              .erase(requestId);
    } catch (SettingsException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
    print(report);
    return report.isDone() ? ExitCodes.OK : ExitCodes.NO;
  }

  private void print(ErasureReport report) {
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      ObjectNode root = JsonNodeFactory.instance.objectNode();
      root.put("requestId", report.requestId());
      root.put("done", report.isDone());
      report.removed().forEach(root.putArray("removed")::add);
      report.failed().forEach(root.putArray("failed")::add);
      report.stays().forEach(root.putArray("stays")::add);
      out.println(root);
    } else {
      report.removed().forEach(what -> out.println("removed: " + what));
      report.failed().forEach(what -> out.println("failed: " + what));
      report.stays().forEach(what -> out.println("stays: " + what));
    }
    out.flush();
  }
}
