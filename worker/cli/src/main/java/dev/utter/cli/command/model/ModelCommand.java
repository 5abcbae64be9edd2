package dev.utter.cli.command.model;

import picocli.CommandLine.Command;

/** The commands about models. */
@Command(
    name = "model",
    description =
        "Downloads models, moves them through the object store, says what a model is, or makes one"
            + " of random weights.",
    subcommands = {
      ModelFetchCommand.class,
      ModelPushCommand.class,
      ModelPullCommand.class,
      ModelInspectCommand.class,
      ModelRandomCommand.class
    })
public final class ModelCommand {}
