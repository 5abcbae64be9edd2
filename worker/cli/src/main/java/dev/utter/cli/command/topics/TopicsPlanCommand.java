package dev.utter.cli.command.topics;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.utter.cli.command.ExitCodes;
import dev.utter.cli.command.SettingsOption;
import dev.utter.worker.operator.topics.ClusterTopics;
import dev.utter.worker.streams.topics.TopicDifference;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Prints what create would do, and changes nothing. */
@Command(
    name = "plan",
    description = {"Prints what create would do, and changes nothing."},
    exitCodeList = {
      "0:it printed what would be created",
      "2:wrong command line or settings",
      "3:Kafka could not be used"
    },
    exitCodeListHeading = "Exit codes:%n")
final class TopicsPlanCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private SettingsOption settings;
  @Mixin private CreationOptions creation;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    List<TopicDifference> missing;
    try (ClusterTopics topics = creation.open(settings.load())) {
      missing = topics.missing();
    }
    if (json) {
      ObjectNode root = JsonNodeFactory.instance.objectNode();
      missing.forEach(
          topic ->
              root.withArray("create")
                  .addObject()
                  .put("topic", topic.topic())
                  .put("command", topic.remedy()));
      root.withArray("create");
      out.println(root);
    } else if (missing.isEmpty()) {
      out.println("all topics are there");
    } else {
      missing.forEach(topic -> out.println(topic.remedy()));
    }
    out.flush();
    return ExitCodes.OK;
  }
}
