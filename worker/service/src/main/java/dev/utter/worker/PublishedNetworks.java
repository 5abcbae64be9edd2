package dev.utter.worker;

import dev.utter.speech.SpeechModel;
import dev.utter.speech.model.SpeechModels;
import dev.utter.speech.torch.EngineSettings;
import dev.utter.speech.torch.TorchEngine;
import dev.utter.speech.watermark.AudioWatermark;
import dev.utter.speech.watermark.Watermark;
import dev.utter.worker.settings.ModelSettings;
import dev.utter.worker.settings.WatermarkingSettings;
import dev.utter.worker.settings.WorkerSettings;

/** The networks of the folders that the settings name. */
final class PublishedNetworks implements Networks {

  @Override
  public SpeechModel speech(WorkerSettings settings) {
    ModelSettings model = settings.model().orElseThrow();
    return SpeechModels.load(model.folder(), model.speech());
  }

  @Override
  public long weightBytes(WorkerSettings settings) {
    ModelSettings model = settings.model().orElseThrow();
    return SpeechModels.weightBytes(model.folder(), model.speech());
  }

  @Override
  public AudioWatermark watermark(WorkerSettings settings) {
    WatermarkingSettings watermark = settings.watermark().orElseThrow();
    EngineSettings engine =
        settings.model().map(ModelSettings::engine).orElseGet(EngineSettings::defaults);
    TorchEngine.prepareNativeLibraries(engine);
    return Watermark.load(TorchEngine.start(engine), watermark.folder(), watermark.detection());
  }
}
