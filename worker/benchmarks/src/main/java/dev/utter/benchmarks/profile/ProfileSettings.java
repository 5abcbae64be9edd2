package dev.utter.benchmarks.profile;

import dev.utter.speech.torch.EngineSettings;

/**
 * Settings of {@code bench profile}.
 *
 * @param engine settings of the engine
 * @param batch streams in the batch, at least 1; default 1
 * @param context positions of the prompt before its sentence, at least 0; default 0
 * @param graphs whether steps may be replayed from CUDA graphs; default true
 * @param steps recorded steps, at least 1; default 4
 */
record ProfileSettings(EngineSettings engine, int batch, int context, boolean graphs, int steps) {

  ProfileSettings {
    atLeast("batch", batch, 1);
    atLeast("context", context, 0);
    atLeast("steps", steps, 1);
  }

  /** These settings with another engine. */
  ProfileSettings withEngine(EngineSettings engine) {
    return new ProfileSettings(engine, batch, context, graphs, steps);
  }

  private static void atLeast(String name, int value, int min) {
    if (value < min) {
      throw new IllegalArgumentException(name + " is " + value + ", must be at least " + min);
    }
  }
}
