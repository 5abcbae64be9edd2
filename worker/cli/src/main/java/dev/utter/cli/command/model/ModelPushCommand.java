package dev.utter.cli.command.model;

import dev.utter.cli.command.ExitCodes;
import dev.utter.cli.command.ModelOptions;
import dev.utter.cli.command.StoreOption;
import dev.utter.speech.model.ModelFiles;
import dev.utter.worker.models.ModelPush;
import dev.utter.worker.models.StoredModel;
import dev.utter.worker.storage.ObjectStore;
import dev.utter.worker.storage.OwnBuckets;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Pushes a model to the object store. */
@Command(
    name = "push",
    description = {
      "Sends a model to the object store, from where workers without internet pull it. Only the"
          + " files that are read; what is there is not sent again, and nothing is deleted.",
      "The manifest with names, sizes and checksums is written last, so that a push that is broken"
          + " off is never taken for a model; the next push continues it."
    },
    exitCodeList = {
      "0:the model is in the store, or --dry-run found that it could be",
      "2:wrong command line or settings",
      "3:the model cannot be used, the store refused, or does not answer"
    },
    exitCodeListHeading = "Exit codes:%n")
public final class ModelPushCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Parameters(
      index = "0",
      paramLabel = "MODEL",
      description =
          "Folder of a checkpoint or of the watermark's networks, or the name of a model that"
              + " 'utter model fetch' downloaded.")
  private String source;

  @Parameters(
      index = "1",
      paramLabel = "ADDRESS",
      converter = StoredModelConverter.class,
      description = "Where the model goes: s3://bucket/prefix.")
  private StoredModel target;

  @Mixin private StoreOption store;

  @Option(names = "--dry-run", description = "Show what would be sent; write nothing.")
  private boolean dryRun;

  @Override
  public Integer call() {
    Map<String, Path> files = ModelFiles.of(ModelOptions.locate(spec, "", source));
    FetchProgress progress = FetchProgress.of(spec);
    try (ObjectStore objects = ObjectStore.of(store.load(), OwnBuckets.NONE)) {
      ModelPush push = new ModelPush(objects);
      ModelPush.Plan plan = push.plan(files, target);
      print(plan);
      if (!dryRun && !plan.isDone()) {
        long bytes = plan.manifest().bytes();
        progress.expect(bytes, bytes - plan.missingBytes());
        try {
          push.push(plan, progress);
        } finally {
          progress.end();
        }
      }
    }
    return ExitCodes.OK;
  }

  private void print(ModelPush.Plan plan) {
    PrintWriter out = spec.commandLine().getOut();
    for (ModelPush.Item item : plan.items()) {
      out.printf(
          "  %10s  %s%s%n",
          FetchProgress.bytes(item.entry().bytes()),
          item.entry().path(),
          item.there() ? ", in the store" : "");
    }
    out.printf(
        "%s: %s%n",
        plan.model(),
        plan.isDone()
            ? "unchanged, nothing to send"
            : FetchProgress.bytes(plan.missingBytes()) + " to send");
    out.flush();
  }
}
