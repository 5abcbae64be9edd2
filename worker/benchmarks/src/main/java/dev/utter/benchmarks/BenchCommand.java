package dev.utter.benchmarks;

import dev.utter.benchmarks.engine.EngineBenchCommand;
import dev.utter.benchmarks.pipeline.PipelineBenchCommand;
import dev.utter.benchmarks.plot.PlotCommand;
import dev.utter.benchmarks.profile.ProfileCommand;
import dev.utter.benchmarks.quality.QualityBenchCommand;
import dev.utter.benchmarks.watermark.WatermarkBenchCommand;
import picocli.CommandLine.Command;

/** The benchmarks. */
@Command(
    name = "bench",
    description = "Measures throughput, latency and the quality of speech.",
    subcommands = {
      EngineBenchCommand.class,
      ProfileCommand.class,
      WatermarkBenchCommand.class,
      PipelineBenchCommand.class,
      QualityBenchCommand.class,
      PlotCommand.class
    })
final class BenchCommand {}
