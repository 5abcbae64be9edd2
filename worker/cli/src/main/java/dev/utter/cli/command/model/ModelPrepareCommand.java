package dev.utter.cli.command.model;

import dev.utter.cli.command.ExitCodes;
import dev.utter.cli.command.ModelOptions;
import dev.utter.speech.checkpoint.Checkpoint;
import dev.utter.speech.csm.WeightPreparation;
import dev.utter.speech.csm.prepared.PreparedFile;
import dev.utter.speech.torch.EngineSettings;
import dev.utter.speech.torch.EngineSettings.Precision;
import dev.utter.speech.torch.TorchEngine;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Writes a model's weights as they are held in memory. */
@Command(
    name = "prepare",
    description = {
      "Converts the weights of a model for one precision on the CPU, and writes them into a file"
          + " beside the model. Later starts on a processor of the same kind map the file and"
          + " convert nothing: they are faster, need less memory, and processes share the pages.",
      "The file belongs to this version of the model's files and of the program; where it does not"
          + " fit, the weights are converted as without it. If there is one that fits, nothing is"
          + " written. Needs the memory of a worker."
    },
    exitCodeList = {
      "0:the file is there",
      "2:wrong command line, or there is no such file for the precision on this processor",
      "3:not written: the model cannot be used, the disk or the memory is too small, or the file"
          + " cannot be written"
    },
    exitCodeListHeading = "Exit codes:%n")
final class ModelPrepareCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "MODEL",
      description =
          "Folder of the checkpoint, the name of one that 'utter model fetch' fetched, or the"
              + " address s3://bucket/prefix of one that 'utter model pull' pulled.")
  private String model;

  @Option(
      names = "--precision",
      required = true,
      paramLabel = "P",
      description = "The precision that workers will use: ${COMPLETION-CANDIDATES}.")
  private Precision precision;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description =
          "File to write (default: beside the checkpoint, where a start looks for it under its"
              + " default name).")
  private Path out;

  @Override
  public Integer call() {
    Checkpoint checkpoint = Checkpoint.open(ModelOptions.locate(spec, "", model));
    Path file = out == null ? PreparedFile.beside(checkpoint, precision) : out;
    if (Files.isDirectory(file)) {
      throw new ParameterException(spec.commandLine(), "--out: " + file + " is a folder");
    }
    EngineSettings settings = EngineSettings.defaults().withDevice("cpu").withPrecision(precision);
    WeightPreparation preparation = new WeightPreparation(TorchEngine.start(settings), checkpoint);
    preparation
        .obstacle()
        .ifPresent(
            why -> {
              throw new ParameterException(spec.commandLine(), "--precision: " + why);
            });
    OptionalLong written = preparation.write(file);
    PrintWriter printer = spec.commandLine().getOut();
    if (written.isPresent()) {
      printer.printf("%s: %s, %d bytes%n", file, precision, written.getAsLong());
    } else {
      printer.printf("%s: up to date, nothing to do%n", file);
    }
    printer.flush();
    return ExitCodes.OK;
  }
}
