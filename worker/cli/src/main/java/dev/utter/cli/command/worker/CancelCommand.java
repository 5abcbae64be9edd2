package dev.utter.cli.command.worker;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.utter.cli.command.ExitCodes;
import dev.utter.cli.command.SettingsOption;
import dev.utter.worker.operator.requests.Cancellation;
import dev.utter.worker.rules.RequestIds;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Cancels one request. */
@Command(
    name = "cancel",
    description = {
      "Publishes the cancellation of a request.",
      "A request that has no outcome yet fails with CANCELLED; one that has keeps it. Only the"
          + " publisher of a request can cancel it: name it with --publisher."
    },
    exitCodeList = {
      "0:the cancellation is published",
      "2:wrong command line or settings",
      "3:Kafka or the registry could not be used"
    },
    exitCodeListHeading = "Exit codes:%n")
public final class CancelCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private SettingsOption settings;

  @Parameters(paramLabel = "REQUEST_ID", description = "The request.")
  private String requestId;

  @Option(
      names = "--publisher",
      paramLabel = "NAME",
      description = "Publisher of the request, if its records have the header utter.publisher.")
  private String publisher;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Override
  public Integer call() {
    if (!RequestIds.isValid(requestId)) {
      throw new ParameterException(spec.commandLine(), "REQUEST_ID " + RequestIds.RULE);
    }
    Cancellation.publish(settings.load(), requestId, Optional.ofNullable(publisher), Instant.now());
    PrintWriter out = spec.commandLine().getOut();
    out.println(
        json
            ? JsonNodeFactory.instance
                .objectNode()
                .put("requestId", requestId)
                .put("published", true)
                .toString()
            : "published: the cancellation of " + requestId);
    out.flush();
    return ExitCodes.OK;
  }
}
