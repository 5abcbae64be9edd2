package dev.utter.worker;

import dev.utter.speech.SpeechModel;
import dev.utter.speech.watermark.AudioWatermark;
import dev.utter.worker.settings.WorkerSettings;

/** Where a worker gets the networks from that it speaks and marks with. */
public interface Networks {

  /** The model that speaks; the worker closes it. */
  SpeechModel speech(WorkerSettings settings);

  /** What the weights of {@link #speech} take of memory, known before they are loaded; in bytes. */
  default long weightBytes(WorkerSettings settings) {
    return 0;
  }

  /**
   * A watermark, new with every call, so that the check of a clip shares nothing with its marking;
   * the worker closes it.
   */
  AudioWatermark watermark(WorkerSettings settings);
}
