package dev.utter.cli.command.topics;

import picocli.CommandLine.Command;

/** Rights in Kafka. */
@Command(
    name = "acl",
    description = "The rights in Kafka that each party needs.",
    subcommands = AclPrintCommand.class)
public final class AclCommand {}
