package dev.utter.chaos;

import dev.utter.chaos.check.Verdict;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The options of every run, and the run itself. */
final class RunOptions {
  private static final String DEVELOPMENT_MODEL = "worker/speech/models/development";

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description =
          "Seed of the schedule and of the requests: the same seed gives the same of both (default:"
              + " ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description =
          "Folder of history, reports and logs (default: target/chaos/ and the run's name).")
  private Path out;

  long seed() {
    return seed;
  }

  Path out(String name) {
    return out == null ? home().resolve("target/chaos").resolve(name) : out;
  }

  static Path home() {
    return Path.of(System.getProperty("utter.home", "")).toAbsolutePath();
  }

  static Path model() {
    return home().resolve(DEVELOPMENT_MODEL);
  }

  /** Runs, checks and reports. */
  Verdict run(ChaosSettings settings) throws Exception {
    long start = System.nanoTime();
    PrintWriter err = spec.commandLine().getErr();
    Path history =
        new ChaosRun(
                settings,
                line -> {
                  Duration since = Duration.ofNanos(System.nanoTime() - start);
                  err.printf("%5d s  %s%n", since.toSeconds(), line);
                  err.flush();
                })
            .run();
    return Judgement.of(history, spec.commandLine().getOut());
  }
}
