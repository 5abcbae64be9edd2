package dev.utter.cli.command.speech;

import picocli.CommandLine.Command;

/** The commands about watermarks. */
@Command(
    name = "watermark",
    description = "Looks for the watermark in a file, or marks one.",
    subcommands = {WatermarkDetectCommand.class, WatermarkEmbedCommand.class})
public final class WatermarkCommand {}
