package dev.utter.benchmarks.measure;

import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Which model to measure: a folder's, or random weights. */
public final class SourceOptions {
  private static final String CSM_1B = "csm-1b";

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Parameters(arity = "0..1", paramLabel = "DIR", description = "Folder of a CSM checkpoint.")
  private Path folder;

  @Option(
      names = "--random",
      paramLabel = "SIZES",
      description = "Random weights instead of a folder's, of these sizes: csm-1b.")
  private String random;

  /** Opens it; random weights are made as they are needed. */
  public ModelSource source() {
    if ((folder == null) == (random == null)) {
      throw new ParameterException(
          spec.commandLine(), "name either the folder of a checkpoint or --random SIZES");
    }
    if (random != null && !random.equals(CSM_1B)) {
      throw new ParameterException(
          spec.commandLine(), "--random is " + random + ", must be " + CSM_1B);
    }
    if (random != null) {
      return ModelSource.randomCsm1b();
    }
    if (!Files.isDirectory(folder)) {
      throw new ParameterException(spec.commandLine(), folder + " is not a folder");
    }
    return ModelSource.folder(folder);
  }
}
