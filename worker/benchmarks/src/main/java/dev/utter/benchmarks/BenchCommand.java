package dev.utter.benchmarks;

import dev.utter.benchmarks.engine.EngineBenchCommand;
import dev.utter.benchmarks.pipeline.PipelineBenchCommand;
import dev.utter.benchmarks.plot.PlotCommand;
import dev.utter.benchmarks.profile.ProfileCommand;
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
