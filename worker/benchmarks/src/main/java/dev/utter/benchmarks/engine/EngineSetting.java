package dev.utter.benchmarks.engine;

import dev.utter.speech.torch.EngineSettings.Precision;

/**
 * One row of the result.
 *
 * @param precision type of the weights
 * @param batch streams side by side
 * @param context positions of the prompt before its sentence
 */
record EngineSetting(Precision precision, int batch, int context) {

  @Override
  public String toString() {
    return precision + ", batch " + batch + ", context " + context;
  }
}
