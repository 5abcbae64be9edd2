package dev.utter.cli.command.worker;

import dev.utter.cli.command.ExitCodes;
import dev.utter.worker.WorkerCheck;
import dev.utter.worker.WorkerProcess;
import dev.utter.worker.rights.StoreAccess;
import dev.utter.worker.rights.WorkerAccess;
import dev.utter.worker.settings.WorkerSettings;
import dev.utter.worker.settings.source.SettingsException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Runs one worker. */
@Command(
    name = "worker",
    description = {
      "Runs one worker until SIGTERM or Ctrl-C, then stops it gracefully.",
      "Waits for Kafka, registry and store while they are away; the log says for what.",
      "Settings come from a YAML file; the environment overrides each, for example"
          + " kafka.bootstrapServers by UTTER_KAFKA_BOOTSTRAP_SERVERS."
    },
    exitCodeList = {
      "0:a --print option printed what it was asked for, --check found nothing, or the worker was"
          + " drained with `utter drain --exit`",
      "1:--check found what would keep the worker from starting",
      "2:wrong command line or settings",
      "3:the worker could not start, or broke; restart it",
      "143:it was stopped by a signal"
    },
    exitCodeListHeading = "Exit codes:%n")
public final class WorkerCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      required = true,
      description = "YAML file with the settings.")
  private Path config;

  @Option(
      names = "--print-config",
      description = "Print the effective settings with secrets masked, and end.")
  private boolean printConfig;

  @Option(
      names = "--print-acls",
      paramLabel = "PRINCIPAL",
      description =
          "Print the arguments of kafka-acls that give this worker's principal, User:name for"
              + " example, the rights it needs, and end.")
  private String aclPrincipal;

  @Option(
      names = "--print-s3-policy",
      description =
          "Print a policy document of S3 with the rights that this worker needs in the store, and"
              + " end.")
  private boolean printS3Policy;

  @Option(
      names = "--check",
      description =
          "Try once what the start would wait for or end with: access, topics, schemas, bucket,"
              + " decoder, model, memory. Print what is not ok and why, and end.")
  private boolean check;

  @Override
  public Integer call() {
    WorkerSettings settings = settings();
    if (aclPrincipal != null) {
      WorkerAccess.of(settings)
          .forEach(grant -> spec.commandLine().getOut().println(grant.command(aclPrincipal)));
      spec.commandLine().getOut().flush();
      return ExitCodes.OK;
    }
    if (printS3Policy) {
      spec.commandLine().getOut().println(StoreAccess.policy(StoreAccess.of(settings)));
      spec.commandLine().getOut().flush();
      return ExitCodes.OK;
    }
    if (printConfig) {
      spec.commandLine().getOut().print(settings.describe());
      spec.commandLine().getOut().flush();
      return ExitCodes.OK;
    }
    if (check) {
      try (WorkerCheck worker = new WorkerCheck(settings)) {
        return print(worker.run());
      }
    }
    WorkerRun.untilEnd(new WorkerProcess(settings));
    return ExitCodes.OK;
  }

  private int print(Map<String, Optional<String>> found) {
    PrintWriter out = spec.commandLine().getOut();
    found.forEach(
        (name, why) ->
            out.println(name + ": " + why.map(reason -> "not ok: " + reason).orElse("ok")));
    out.flush();
    return found.values().stream().allMatch(Optional::isEmpty) ? ExitCodes.OK : ExitCodes.NO;
  }

  private WorkerSettings settings() {
    try {
      return WorkerSettings.load(config, System.getenv());
    } catch (SettingsException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }
}
