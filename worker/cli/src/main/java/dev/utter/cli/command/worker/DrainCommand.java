package dev.utter.cli.command.worker;

import com.fasterxml.jackson.databind.JsonNode;
import dev.utter.cli.command.ExitCodes;
import dev.utter.cli.command.SettingsOption;
import dev.utter.worker.telemetry.HttpSettings;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Makes one worker hand its work over. */
@Command(
    name = "drain",
    description = {
      "Makes the worker of this machine or pod take no more work, finish the requests on which work"
          + " has begun, and hand the rest over to other workers. No request loses an attempt.",
      "The worker then stays idle until it is stopped: live, not ready. Undo it with a restart."
    },
    exitCodeList = {
      "0:the drain has begun; with --wait: everything is handed over; with --status: printed",
      "1:the worker starts or stops and cannot be drained, or --wait took longer than --timeout",
      "2:wrong command line or settings",
      "3:the worker does not answer"
    },
    exitCodeListHeading = "Exit codes:%n")
public final class DrainCommand implements Callable<Integer> {
  private static final long POLL_MILLIS = 200;

  @Spec private CommandSpec spec;
  @Mixin private SettingsOption settings;

  @Option(
      names = "--port",
      paramLabel = "N",
      description = "Port of the worker's health (default: http.port of its settings).")
  private Integer port;

  @Option(
      names = "--exit",
      description =
          "End the process with status 0 once everything is handed over. An orchestrator may start"
              + " it again.")
  private boolean exit;

  @Option(names = "--wait", description = "Return when everything is handed over.")
  private boolean wait;

  @Option(
      names = "--timeout",
      paramLabel = "TIME",
      defaultValue = "10m",
      converter = TimeOption.class,
      description = "Longest time of --wait, for example 90s (default: ${DEFAULT-VALUE}).")
  private Duration timeout;

  @Option(names = "--status", description = "Only print how far a drain is.")
  private boolean status;

  @Option(names = "--json", description = "Print JSON, one object for each line.")
  private boolean json;

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (status && (exit || wait)) {
      throw new ParameterException(
          spec.commandLine(), "--status begins no drain: leave out --exit and --wait");
    }
    DrainClient worker = client();
    JsonNode progress = status ? worker.progress() : worker.begin(exit);
    print(progress);
    if (status) {
      return ExitCodes.OK;
    }
    if (is(progress, "UNAVAILABLE")) {
      return ExitCodes.NO;
    }
    return wait ? await(worker, progress) : ExitCodes.OK;
  }

  private DrainClient client() throws IOException {
    HttpSettings http = settings.load().http();
    int chosen = port == null ? http.port() : port;
    if (chosen < 1 || chosen > 65_535) {
      throw new ParameterException(
          spec.commandLine(), "the worker's port is " + chosen + ": name it with --port");
    }
    return new DrainClient(http.address(), chosen);
  }

  private int await(DrainClient worker, JsonNode begun) throws IOException, InterruptedException {
    long end = System.nanoTime() + timeout.toNanos();
    JsonNode last = begun;
    while (!is(last, "DRAINED")) {
      if (System.nanoTime() - end >= 0) {
        return ExitCodes.NO;
      }
      TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
      JsonNode now;
      try {
        now = worker.progress();
      } catch (IOException e) {
        if (exit) {
          // It has ended.
          return ExitCodes.OK;
        }
        throw e;
      }
      if (!now.equals(last)) {
        print(now);
      }
      if (is(now, "UNAVAILABLE")) {
        // It was stopped meanwhile, and hands over the rest within the time of its stop.
        return exit ? ExitCodes.OK : ExitCodes.NO;
      }
      last = now;
    }
    return ExitCodes.OK;
  }

  private static boolean is(JsonNode progress, String state) {
    return progress.path("state").asText().equals(state);
  }

  private void print(JsonNode progress) {
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(progress);
    } else {
      StringBuilder line =
          new StringBuilder(progress.path("worker").asText())
              .append(": ")
              .append(progress.path("state").asText());
      if (is(progress, "DRAINING")) {
        line.append(", requests left: ").append(progress.path("requests").asInt());
        line.append(", parts left:");
        progress.path("parts").forEach(part -> line.append(' ').append(part.asText()));
      }
      out.println(line);
    }
    out.flush();
  }
}
