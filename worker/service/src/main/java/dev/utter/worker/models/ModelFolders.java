package dev.utter.worker.models;

import dev.utter.speech.failure.CheckpointException;
import dev.utter.speech.hub.HubSettings;
import dev.utter.speech.model.ModelSource;
import java.nio.file.Path;
import java.util.function.Supplier;

/** Finds the files of a model on this machine, however the model is named. */
public final class ModelFolders {
  private final Supplier<HubSettings> hub;
  private final ModelCache cache;

  /**
   * @param hub the hub's cache; asked for when it is needed
   * @param cache models that were pulled from the store
   */
  public ModelFolders(Supplier<HubSettings> hub, ModelCache cache) {
    this.hub = hub;
    this.cache = cache;
  }

  /**
   * The folder of a model. Does not use the network.
   *
   * @throws CheckpointException if there is none; the message has the command that gets it
   */
  public Path locate(ModelSource source) {
    return source
        .address()
        .map(StoredModel::parse)
        .map(this::pulled)
        .orElseGet(() -> source.locate(hub.get()));
  }

  private Path pulled(StoredModel model) {
    return cache
        .find(model)
        .orElseThrow(
            () ->
                new CheckpointException(
                    "%s is not in the cache %s; \"utter model pull %s\" gets it"
                        .formatted(model, cache.folder(), model)));
  }
}
