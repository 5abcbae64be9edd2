package dev.utter.cli.command.model;

import picocli.CommandLine.Command;

/** The commands about models. */
@Command(
    name = "model",
    description = "Says what a model is, or makes one of random weights.",
    subcommands = {ModelInspectCommand.class, ModelRandomCommand.class})
public final class ModelCommand {}
