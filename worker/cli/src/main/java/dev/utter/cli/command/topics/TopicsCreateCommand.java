package dev.utter.cli.command.topics;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.utter.cli.command.ExitCodes;
import dev.utter.cli.command.SettingsOption;
import dev.utter.worker.operator.topics.ClusterTopics;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Creates the topics that are missing, configured as workers need them. */
@Command(
    name = "create",
    description = {
      "Creates the topics that are missing, configured as workers need them.",
      "Topics that are there stay as they are: check compares them."
    },
    exitCodeList = {
      "0:all topics are there",
      "2:wrong command line or settings",
      "3:Kafka could not be used"
    },
    exitCodeListHeading = "Exit codes:%n")
final class TopicsCreateCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private SettingsOption settings;
  @Mixin private CreationOptions creation;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    List<String> created;
    try (ClusterTopics topics = creation.open(settings.load())) {
      created = topics.create();
    }
    if (json) {
      ObjectNode root = JsonNodeFactory.instance.objectNode();
      created.forEach(root.putArray("created")::add);
      out.println(root);
    } else if (created.isEmpty()) {
      out.println("all topics were there");
    } else {
      created.forEach(topic -> out.println("created: " + topic));
    }
    out.flush();
    return ExitCodes.OK;
  }
}
