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
import dev.utter.worker.settings.ModelSettings;
import dev.utter.worker.settings.WatermarkingSettings;
import dev.utter.worker.settings.WorkerSettings;
import java.nio.file.Path;
import java.util.function.Supplier;

/** The networks that the settings name: in folders, or published ones. */
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
    return SpeechModels.load(folder(model.source(), model.download()), model.speech());
  }

  @Override
  public long weightBytes(WorkerSettings settings) {
    ModelSettings model = settings.model().orElseThrow();
    return SpeechModels.weightBytes(folder(model.source(), false), model.speech());
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
        TorchEngine.start(engine), folder(watermark.source(), download), watermark.detection());
  }

  private Path folder(ModelSource source, boolean download) {
    return download
        ? source.fetch(
            hub.get(), HubToken.find(System.getenv(), HubSettings.userHome()), new LoggedDownload())
        : source.locate(hub.get());
  }
}
