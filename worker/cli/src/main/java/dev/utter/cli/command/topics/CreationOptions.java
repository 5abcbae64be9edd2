package dev.utter.cli.command.topics;

import dev.utter.worker.operator.topics.ClusterTopics;
import dev.utter.worker.settings.TopicCreation;
import dev.utter.worker.settings.WorkerSettings;
import dev.utter.worker.settings.source.SettingsException;
import java.util.OptionalInt;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** How missing topics are created. */
final class CreationOptions {
  @Spec(Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = "--partitions",
      paramLabel = "NUMBER",
      description =
          "Partitions of each topic: the largest number of workers that share a lane (default:"
              + " kafka.createTopics.partitions, or 64).")
  private Integer partitions;

  @Option(
      names = "--replication",
      paramLabel = "NUMBER",
      description =
          "Replicas of each topic (default: kafka.createTopics.replication, or the broker's).")
  private Integer replication;

  /** The topics on the cluster of the settings; the caller closes them. */
  ClusterTopics open(WorkerSettings settings) {
    TopicCreation defaults = settings.kafka().createTopics().orElseGet(TopicCreation::defaults);
    try {
      return new ClusterTopics(
          settings,
          new TopicCreation(
              partitions == null ? defaults.partitions() : partitions,
              replication == null ? defaults.replication() : OptionalInt.of(replication)));
    } catch (SettingsException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }
}
