package dev.utter.cli.command.topics;

import picocli.CommandLine.Command;

/** The topics on a cluster. */
@Command(
    name = "topics",
    description = "Creates the topics, or compares those of a cluster with what workers need.",
    subcommands = {TopicsPlanCommand.class, TopicsCreateCommand.class, TopicsCheckCommand.class})
public final class TopicsCommand {}
