package dev.utter.benchmarks.profile;

import dev.utter.speech.torch.EngineSettings;

/**
 * What {@code bench profile} measures.
 *
 * @param engine where and how it is computed
 * @param batch streams side by side, at least 1; default 1
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

  private static void atLeast(String name, int value, int least) {
    if (value < least) {
      throw new IllegalArgumentException(name + " is " + value + ", must be at least " + least);
    }
  }
}
