package dev.utter.chaos;

import picocli.CommandLine.Command;

/** Fault runs. */
@Command(
    name = "chaos",
    description =
        "Runs real worker processes through faults and checks the delivery promises; see"
            + " docs/chaos.md.",
    subcommands = {
      ShortCommand.class,
      LongCommand.class,
      SoakCommand.class,
      ScaleDownCommand.class,
      UpgradeCommand.class,
      CheckCommand.class,
      MutantCommand.class,
      MutantsCommand.class
    })
final class ChaosCommand {}
