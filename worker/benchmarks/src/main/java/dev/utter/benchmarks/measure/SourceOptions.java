package dev.utter.benchmarks.measure;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Which model to measure, and which networks of the watermark: a folder's, or random weights. */
public final class SourceOptions {
  private static final String CSM_1B = "csm-1b";

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Parameters(arity = "0..1", paramLabel = "DIR", description = "Folder of a CSM checkpoint.")
  private Path folder;

  @Option(
      names = "--random",
      split = ",",
      paramLabel = "SIZES",
      description =
          "Random weights instead of a folder's, of these sizes: csm-1b; silentcipher, where a"
              + " command marks.")
  private List<String> random = List.of();

  /** Whether the watermark's networks are to have the published sizes and random weights. */
  public boolean marksAtRandom() {
    return random.contains(SizedWatermark.SIZES);
  }

  /** Opens it; random weights are made as they are needed. */
  public ModelSource source() {
    for (String sizes : random) {
      if (!sizes.equals(CSM_1B) && !sizes.equals(SizedWatermark.SIZES)) {
        throw new ParameterException(
            spec.commandLine(),
            "--random is " + sizes + ", must be " + CSM_1B + " or " + SizedWatermark.SIZES);
      }
    }
    if ((folder == null) != random.contains(CSM_1B)) {
      throw new ParameterException(
          spec.commandLine(), "name either the folder of a checkpoint or --random " + CSM_1B);
    }
    if (folder == null) {
      return ModelSource.randomCsm1b();
    }
    if (!Files.isDirectory(folder)) {
      throw new ParameterException(spec.commandLine(), folder + " is not a folder");
    }
    return ModelSource.folder(folder);
  }
}
