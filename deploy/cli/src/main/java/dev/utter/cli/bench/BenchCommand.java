package dev.utter.cli.bench;

import dev.utter.cli.bench.engine.EngineBenchCommand;
import dev.utter.cli.bench.pipeline.PipelineBenchCommand;
import dev.utter.cli.bench.plot.PlotCommand;
import dev.utter.cli.bench.profile.ProfileCommand;
import picocli.CommandLine.Command;

/** The benchmarks. */
@Command(
    name = "bench",
    description = "Measures throughput and latency.",
    subcommands = {
      EngineBenchCommand.class,
      ProfileCommand.class,
      PipelineBenchCommand.class,
      PlotCommand.class
    })
public final class BenchCommand {}
