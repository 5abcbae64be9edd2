package dev.utter.cli.command.letters;

import picocli.CommandLine.Command;

/** Records that could not be decoded or finished. */
@Command(
    name = "dead-letters",
    description = "Looks at dead letters, publishes their records again, or sets them aside.",
    subcommands = {
      LettersListCommand.class,
      LettersShowCommand.class,
      LettersRedriveCommand.class,
      LettersDropCommand.class
    })
public final class DeadLettersCommand {}
