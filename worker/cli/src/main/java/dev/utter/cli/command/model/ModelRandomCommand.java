package dev.utter.cli.command.model;

import dev.utter.cli.command.ExitCodes;
import dev.utter.cli.command.ModelOptions;
import dev.utter.speech.checkpoint.Checkpoint;
import dev.utter.speech.checkpoint.CheckpointWriter;
import dev.utter.speech.checkpoint.FileLayout;
import dev.utter.speech.checkpoint.RandomCheckpoint;
import dev.utter.speech.checkpoint.tensor.Dtype;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Writes a checkpoint of random weights. */
@Command(
    name = "random",
    description = {
      "Writes a checkpoint of random weights, for measuring a model's speed and memory where its"
          + " files are not at hand. Every command that takes a model's folder takes it; what it"
          + " speaks is noise.",
      "The tokenizer is that of --tokenizer, by default the development model's: a text"
          + " becomes other and more token ids than with the real model's tokenizer."
    },
    exitCodeList = {
      "0:written",
      "2:wrong command line",
      "3:not written: the folder is not empty, the disk too small, or a file cannot be written"
    },
    exitCodeListHeading = "Exit codes:%n")
final class ModelRandomCommand implements Callable<Integer> {
  private static final String CSM_1B = "csm-1b";
  private static final List<String> TOKENIZER_FILES =
      List.of("tokenizer.json", "tokenizer_config.json");

  /** Types in which weights can be stored. */
  enum StoredType {
    FLOAT32(Dtype.F32),
    FLOAT16(Dtype.F16),
    BFLOAT16(Dtype.BF16);

    private final Dtype dtype;

    StoredType(Dtype dtype) {
      this.dtype = dtype;
    }
  }

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "SIZES", description = "The model's sizes: csm-1b.")
  private String sizes;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "Folder to write; must not exist, or be empty.")
  private Path out;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description =
          "Decides the weights (default: ${DEFAULT-VALUE}, the weights of bench engine --random).")
  private long seed;

  @Option(
      names = "--dtype",
      paramLabel = "TYPE",
      defaultValue = "FLOAT32",
      description = "Stored type: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
  private StoredType type;

  @Option(
      names = "--layout",
      paramLabel = "L",
      defaultValue = "SINGLE",
      description =
          "Files of the weights: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}). TRANSFORMERS"
              + " and ORIGINAL are the files of sesame/csm-1b by name, size and tensors, ORIGINAL"
              + " with the codec's file of kyutai/moshiko-pytorch-bf16. All hold the same model.")
  private FileLayout layout;

  @Option(
      names = "--tokenizer",
      paramLabel = "DIR",
      description =
          "Folder of the model whose tokenizer is copied (default: the development model's).")
  private Path tokenizer;

  @Override
  public Integer call() {
    if (!sizes.equals(CSM_1B)) {
      throw new ParameterException(spec.commandLine(), "SIZES is " + sizes + ", must be " + CSM_1B);
    }
    List<Path> companions = tokenizerFiles();
    Checkpoint checkpoint = RandomCheckpoint.csm1b(seed);
    long bytes = CheckpointWriter.write(checkpoint, layout, type.dtype, companions, out);
    PrintWriter printer = spec.commandLine().getOut();
    printer.printf(
        "%s: random %s, seed %d, %s, %d bytes of weights%n", out, sizes, seed, type, bytes);
    printer.flush();
    return ExitCodes.OK;
  }

  private List<Path> tokenizerFiles() {
    Path folder = tokenizer == null ? ModelOptions.development() : tokenizer;
    if (!Files.exists(folder.resolve(TOKENIZER_FILES.get(0)))) {
      throw new ParameterException(
          spec.commandLine(), "--tokenizer: no " + TOKENIZER_FILES.get(0) + " in " + folder);
    }
    Stream<Path> files = TOKENIZER_FILES.stream().map(folder::resolve);
    return files.filter(Files::exists).toList();
  }
}
