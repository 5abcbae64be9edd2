package dev.utter.worker.network;

import dev.utter.speech.SpeechModel;
import dev.utter.speech.hub.HubSettings;
import dev.utter.speech.hub.HubToken;
import dev.utter.speech.model.ModelSource;
import dev.utter.speech.model.SpeechModels;
import dev.utter.speech.torch.EngineSettings;
import dev.utter.speech.torch.TorchEngine;
import dev.utter.speech.watermark.AudioWatermark;
import dev.utter.speech.watermark.Watermark;
import dev.utter.worker.models.ModelCache;
import dev.utter.worker.models.ModelFolders;
import dev.utter.worker.models.ModelPull;
import dev.utter.worker.models.StoredModel;
import dev.utter.worker.settings.ModelSettings;
import dev.utter.worker.settings.WatermarkingSettings;
import dev.utter.worker.settings.WorkerSettings;
import dev.utter.worker.storage.ObjectStore;
import dev.utter.worker.storage.OwnBuckets;
import dev.utter.worker.storage.StorageSettings;
import java.nio.file.Path;
import java.util.function.Supplier;

/** The networks that the settings name: in folders, published ones, or those of the store. */
public final class PublishedNetworks implements Networks {
  private final Supplier<HubSettings> hub;

  /** Those of the hub and the cache of this process. */
  public PublishedNetworks() {
    this(HubSettings::ofProcess);
  }

  /**
   * @param hub the hub and its cache; asked for when they are needed
   */
  PublishedNetworks(Supplier<HubSettings> hub) {
    this.hub = hub;
  }

  @Override
  public SpeechModel speech(WorkerSettings settings) {
    ModelSettings model = settings.model().orElseThrow();
    return SpeechModels.load(fetched(settings, model.source(), model.download()), model.speech());
  }

  @Override
  public long weightBytes(WorkerSettings settings) {
    ModelSettings model = settings.model().orElseThrow();
    return SpeechModels.weightBytes(located(settings, model.source()), model.speech());
  }

  @Override
  public AudioWatermark watermark(WorkerSettings settings) {
    WatermarkingSettings watermark = settings.watermark().orElseThrow();
    // Without a model the worker only checks marks, which leaves the GPU to those that generate.
    EngineSettings engine =
        settings
            .model()
            .map(ModelSettings::engine)
            .orElseGet(() -> EngineSettings.defaults().withDevice("cpu"));
    TorchEngine.prepareNativeLibraries(engine);
    boolean download = settings.model().map(ModelSettings::download).orElse(false);
    return Watermark.load(
        TorchEngine.start(engine),
        fetched(settings, watermark.source(), download),
        watermark.detection());
  }

  /**
   * A model of the store is always pulled: the settings name it for this, and the store is the
   * operator's. The hub is asked only if the settings allow it.
   */
  private Path fetched(WorkerSettings settings, ModelSource source, boolean download) {
    if (source.address().isPresent()) {
      return pulled(settings, StoredModel.parse(source.address().get()));
    }
    return download
        ? source.fetch(
            hub.get(), HubToken.find(System.getenv(), HubSettings.userHome()), new LoggedDownload())
        : located(settings, source);
  }

  private static Path pulled(WorkerSettings settings, StoredModel model) {
    StorageSettings storage = settings.storage().orElseThrow();
    try (ObjectStore store = ObjectStore.of(storage, OwnBuckets.NONE)) {
      return new ModelPull(store, new ModelCache(storage.modelCache()), new LoggedDownload())
          .pull(model);
    }
  }

  private Path located(WorkerSettings settings, ModelSource source) {
    return new ModelFolders(hub, new ModelCache(settings.storage().orElseThrow().modelCache()))
        .locate(source);
  }
}
