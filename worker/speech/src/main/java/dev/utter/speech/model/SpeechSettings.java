package dev.utter.speech.model;

import dev.utter.speech.csm.GenerationSettings;
import dev.utter.speech.torch.EngineSettings;
import java.util.Objects;

/**
 * Settings of a speech model.
 *
 * @param engine device, threads, precision; default {@link EngineSettings#defaults}
 * @param generation how generations are run; default {@link GenerationSettings#defaults}
 */
public record SpeechSettings(EngineSettings engine, GenerationSettings generation) {

  public SpeechSettings {
    Objects.requireNonNull(engine, "engine is null");
    Objects.requireNonNull(generation, "generation is null");
  }

  /** All defaults. */
  public static SpeechSettings defaults() {
    return new SpeechSettings(EngineSettings.defaults(), GenerationSettings.defaults());
  }

  /** These settings with another engine. */
  public SpeechSettings withEngine(EngineSettings engine) {
    return new SpeechSettings(engine, generation);
  }
}
