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

/** Compares the topics of a cluster with the configuration that workers need. */
@Command(
    name = "check",
    description = {
      "Compares the topics of a cluster with what workers need.",
      "Prints each difference and the command that puts it right."
    },
    exitCodeList = {
      "0:there is no difference",
      "1:there are differences",
      "2:wrong command line or settings",
      "3:Kafka could not be used"
    },
    exitCodeListHeading = "Exit codes:%n")
final class TopicsCheckCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private SettingsOption settings;
  @Mixin private CreationOptions creation;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    List<TopicDifference> differences;
    try (ClusterTopics topics = creation.open(settings.load())) {
      differences = topics.differences();
    }
    if (json) {
      ObjectNode root = JsonNodeFactory.instance.objectNode();
      root.putArray("differences");
      differences.forEach(
          difference ->
              root.withArray("differences")
                  .addObject()
                  .put("topic", difference.topic())
                  .put("what", difference.what())
                  .put("remedy", difference.remedy()));
      out.println(root);
    } else if (differences.isEmpty()) {
      out.println("no differences");
    } else {
      differences.forEach(
          difference -> out.println(difference.what() + "\n  " + difference.remedy()));
    }
    out.flush();
    return differences.isEmpty() ? ExitCodes.OK : ExitCodes.NO;
  }
}
