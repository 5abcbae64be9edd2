package dev.utter.cli.command.model;

import picocli.CommandLine.Command;

/** The commands about models. */
@Command(
    name = "model",
    description =
        "Downloads models, moves them through the object store, says what a model is, prepares one"
            + " for faster starts, or makes one of random weights.",
    subcommands = {
      ModelFetchCommand.class,
      ModelPushCommand.class,
      ModelPullCommand.class,
      ModelInspectCommand.class,
      ModelPrepareCommand.class,
      ModelRandomCommand.class
    })
public final class ModelCommand {}
