package dev.utter.worker.network;

import dev.utter.speech.SpeechModel;
import dev.utter.speech.watermark.AudioWatermark;
import dev.utter.worker.settings.WorkerSettings;

/** Source of a worker's speech model and watermark networks. */
public interface Networks {

  /** The speech model; the worker closes it. */
  SpeechModel speech(WorkerSettings settings);

  /** Memory for the weights of {@link #speech}, in bytes; known before they are loaded. */
  default long weightBytes(WorkerSettings settings) {
    return 0;
  }

  /**
   * A new watermark with every call, so that the check of a clip shares nothing with its marking;
   * the worker closes it.
   */
  AudioWatermark watermark(WorkerSettings settings);
}
