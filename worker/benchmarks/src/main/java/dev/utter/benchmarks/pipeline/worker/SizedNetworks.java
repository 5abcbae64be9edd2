package dev.utter.benchmarks.pipeline.worker;

import dev.utter.benchmarks.measure.SizedWatermark;
import dev.utter.speech.SpeechModel;
import dev.utter.speech.model.SpeechModels;
import dev.utter.speech.torch.TorchEngine;
import dev.utter.speech.watermark.AudioWatermark;
import dev.utter.worker.network.Networks;
import dev.utter.worker.settings.ModelSettings;
import dev.utter.worker.settings.WorkerSettings;

/** The model of the settings' folder, and a watermark of SilentCipher's sizes. */
final class SizedNetworks implements Networks {
  @Override
  public SpeechModel speech(WorkerSettings settings) {
    ModelSettings model = settings.model().orElseThrow();
    return SpeechModels.load(model.source().folder().orElseThrow(), model.speech());
  }

  @Override
  public AudioWatermark watermark(WorkerSettings settings) {
    return SizedWatermark.load(TorchEngine.start(settings.model().orElseThrow().engine()));
  }
}
