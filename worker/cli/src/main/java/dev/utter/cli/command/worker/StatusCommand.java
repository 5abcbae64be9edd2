package dev.utter.cli.command.worker;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.utter.cli.command.ExitCodes;
import dev.utter.cli.command.SettingsOption;
import dev.utter.worker.operator.requests.RequestLookup;
import dev.utter.worker.rules.Excerpt;
import java.io.PrintWriter;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Prints the state of one request. */
@Command(
    name = "status",
    description = {
      "Prints how far one request has come: state, times, outcome, clip, verdict.",
      "Reads its row on utter.status, which the status workers write."
    },
    exitCodeList = {
      "0:it printed the row",
      "1:the request has no row: not published, not admitted yet, or forgotten",
      "2:wrong command line or settings",
      "3:Kafka or the registry could not be used"
    },
    exitCodeListHeading = "Exit codes:%n")
public final class StatusCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private SettingsOption settings;

  @Parameters(paramLabel = "REQUEST_ID", description = "The request.")
  private String requestId;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    Optional<ObjectNode> row = RequestLookup.of(settings.load(), requestId);
    if (json) {
      out.println(
          row.orElseGet(
              () ->
                  JsonNodeFactory.instance
                      .objectNode()
                      .put("requestId", requestId)
                      .putNull("state")));
    } else if (row.isPresent()) {
      row.get()
          .properties()
          .forEach(
              field ->
                  out.println(
                      field.getKey()
                          + ": "
                          + (field.getKey().equals("failureMessage")
                              ? Excerpt.of(field.getValue().asText())
                              : field.getValue().isValueNode()
                                  ? field.getValue().asText()
                                  : field.getValue())));
    } else {
      out.println("no status row has this id");
    }
    out.flush();
    return row.isPresent() ? ExitCodes.OK : ExitCodes.NO;
  }
}
