package dev.utter.cli.command;

import picocli.CommandLine.Command;

/** The commands about models. */
@Command(
    name = "model",
    description = "Says what a model is.",
    subcommands = {ModelInspectCommand.class})
public final class ModelCommand {}
