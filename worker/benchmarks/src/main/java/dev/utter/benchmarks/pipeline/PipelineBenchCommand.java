package dev.utter.benchmarks.pipeline;

import dev.utter.benchmarks.pipeline.PipelineSettings.Engine;
import dev.utter.benchmarks.pipeline.PipelineSettings.Load;
import dev.utter.cli.command.ExitCodes;
import dev.utter.cli.command.ModelOptions;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Measures the pipeline. */
@Command(
    name = "pipeline",
    description = {
      "Starts Kafka, a schema registry and S3 in this process and workers in processes of their"
          + " own, publishes requests, follows their results as a read_committed consumer, and"
          + " prints one line per number of workers.",
      "",
      "Under an open load requests arrive at times fixed beforehand, and the time of"
          + " each counts from when it was due. Under a saturating load all requests are"
          + " there at once, and the figure is the throughput.",
      "",
      "The waiting engine holds a slot for the time of a job and computes nothing. In"
          + " its figures: publishing, admission, Kafka, registry, the start marker, object"
          + " store, WAV encoding, transactions, read-back by verification, status, and the"
          + " machine they share. Not in them: speech, and embedding and detecting the"
          + " watermark, in place of which a stand-in reports a match. SIZED is the real"
          + " engine with a watermark of SilentCipher's sizes and random weights: its cost"
          + " without its files. Workers can be set to neither; 'utter bench' alone starts"
          + " such processes, for brokers of this machine only."
    },
    exitCodeList = {
      "0:every request had exactly one outcome, a clip that was verified",
      "1:some request had another result",
      "2:wrong command line",
      "3:something could not be started, or broke"
    },
    exitCodeListHeading = "Exit codes:%n")
public final class PipelineBenchCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private ModelOptions models;

  @Option(
      names = "--workers",
      paramLabel = "N",
      split = ",",
      description = "Numbers of workers, one setting each (default: ${DEFAULT-VALUE}).",
      defaultValue = "1")
  private List<Integer> workers;

  @Option(
      names = "--engine",
      paramLabel = "ENGINE",
      description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).",
      defaultValue = "WAITING")
  private Engine engine;

  @Option(
      names = "--slots",
      paramLabel = "N",
      description =
          "Jobs a worker's waiting engine holds at a time (default: ${DEFAULT-VALUE}); the real"
              + " engine chooses for itself.",
      defaultValue = "8")
  private int slots;

  @Option(
      names = "--job",
      paramLabel = "TIME",
      converter = TimeConverter.class,
      description =
          "How long the waiting engine takes for a job, as 100ms or 1s (default: ${DEFAULT-VALUE}).",
      defaultValue = "100ms")
  private Duration job;

  @Option(
      names = "--clip",
      paramLabel = "TIME",
      converter = TimeConverter.class,
      description = "How much speech the real engine is asked for (default: ${DEFAULT-VALUE}).",
      defaultValue = "2400ms")
  private Duration clip;

  @Option(
      names = "--load",
      paramLabel = "LOAD",
      description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).",
      defaultValue = "OPEN")
  private Load load;

  @Option(
      names = "--rate",
      paramLabel = "R",
      description = "Requests a second, under an open load (default: ${DEFAULT-VALUE}).",
      defaultValue = "5")
  private double rate;

  @Option(
      names = "--arrivals",
      paramLabel = "KIND",
      description =
          "${COMPLETION-CANDIDATES}: gaps between requests all the same, or exponentially"
              + " distributed (default: ${DEFAULT-VALUE}).",
      defaultValue = "POISSON")
  private Arrivals arrivals;

  @Option(
      names = "--seed",
      paramLabel = "SEED",
      description = "Of the arrivals (default: ${DEFAULT-VALUE}).",
      defaultValue = "1")
  private long seed;

  @Option(
      names = "--warm-up",
      paramLabel = "TIME",
      converter = TimeConverter.class,
      description = "Time before the measurement, under the same load (default: ${DEFAULT-VALUE}).",
      defaultValue = "30s")
  private Duration warmUp;

  @Option(
      names = "--duration",
      paramLabel = "TIME",
      converter = TimeConverter.class,
      description = "Time measured (default: ${DEFAULT-VALUE}).",
      defaultValue = "60s")
  private Duration duration;

  @Option(
      names = "--partitions",
      paramLabel = "N",
      description = "Of every topic (default: ${DEFAULT-VALUE}).",
      defaultValue = "64")
  private int partitions;

  @Option(
      names = "--timeout",
      paramLabel = "TIME",
      converter = TimeConverter.class,
      description =
          "How long to wait for the last outcome after the last request (default:"
              + " ${DEFAULT-VALUE}).",
      defaultValue = "5m")
  private Duration timeout;

  @Option(names = "--json", description = "Print one JSON object a line.")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    boolean good =
        new PipelineBenchmark(
                settings(),
                message -> {
                  err.println(message);
                  err.flush();
                })
            .run(
                (result, first) -> {
                  out.println(json ? result.json(first).toString() : result.summary(first));
                  out.flush();
                });
    return good ? ExitCodes.OK : ExitCodes.NO;
  }

  private PipelineSettings settings() {
    try {
      return new PipelineSettings(
          workers,
          slots,
          engine,
          job,
          clip,
          load,
          arrivals,
          rate,
          warmUp,
          duration,
          partitions,
          seed,
          models.model(),
          models.watermark(),
          timeout);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }
}
