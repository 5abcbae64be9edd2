package dev.utter.cli.command.model;

import dev.utter.cli.command.ExitCodes;
import dev.utter.cli.command.StoreOption;
import dev.utter.worker.models.ModelCache;
import dev.utter.worker.models.ModelManifest;
import dev.utter.worker.models.ModelPull;
import dev.utter.worker.models.StoredModel;
import dev.utter.worker.storage.ObjectStore;
import dev.utter.worker.storage.OwnBuckets;
import dev.utter.worker.storage.StorageSettings;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Pulls a model from the object store. */
@Command(
    name = "pull",
    description = {
      "Pulls a model that 'utter model push' sent to the object store, checks it against its"
          + " checksums and prints its folder. An interrupted pull is continued.",
      "Without DIR it goes to the cache (storage.modelCache), where --model finds it by its"
          + " address. A worker with the address in model.source pulls it itself."
    },
    exitCodeList = {
      "0:the model is on this machine",
      "2:wrong command line or settings",
      "3:there is no such model, it is damaged, the disk is too small, or the store does not answer"
    },
    exitCodeListHeading = "Exit codes:%n")
public final class ModelPullCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      index = "0",
      paramLabel = "ADDRESS",
      converter = StoredModelConverter.class,
      description = "The model: s3://bucket/prefix.")
  private StoredModel model;

  @Parameters(
      index = "1",
      paramLabel = "DIR",
      arity = "0..1",
      description = "Folder for the files; must not exist, or be empty (default: in the cache).")
  private Path folder;

  @Mixin private StoreOption store;

  @Override
  public Integer call() {
    StorageSettings settings = store.load();
    FetchProgress progress = FetchProgress.of(spec);
    PrintWriter out = spec.commandLine().getOut();
    try (ObjectStore objects = ObjectStore.of(settings, OwnBuckets.NONE)) {
      ModelPull pull = new ModelPull(objects, new ModelCache(settings.modelCache()), progress);
      ModelManifest manifest = pull.manifest(model);
      progress.expect(manifest.bytes(), 0);
      try {
        out.println(pulled(pull, manifest));
      } finally {
        progress.end();
      }
    }
    out.flush();
    return ExitCodes.OK;
  }

  private Path pulled(ModelPull pull, ModelManifest manifest) {
    if (folder == null) {
      return pull.pull(model, manifest);
    }
    pull.pull(model, manifest, folder);
    return folder;
  }
}
