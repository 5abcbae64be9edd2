package dev.utter.speech.model;

import dev.utter.speech.ending.EndingSettings;
import dev.utter.speech.engine.GenerationSettings;
import dev.utter.speech.torch.EngineSettings;
import java.util.Objects;

/**
 * Settings of a speech model.
 *
 * @param engine device, threads, precision; default {@link EngineSettings#defaults}
 * @param generation how generations are run; default {@link GenerationSettings#defaults}
 * @param endings guards against generations that do not end; default {@link
 *     EndingSettings#defaults}
 */
public record SpeechSettings(
    EngineSettings engine, GenerationSettings generation, EndingSettings endings) {

  public SpeechSettings {
    Objects.requireNonNull(engine, "engine is null");
    Objects.requireNonNull(generation, "generation is null");
    Objects.requireNonNull(endings, "endings is null");
  }

  /** All defaults. */
  public static SpeechSettings defaults() {
    return new SpeechSettings(
        EngineSettings.defaults(), GenerationSettings.defaults(), EndingSettings.defaults());
  }

  /** These settings with another engine. */
  public SpeechSettings withEngine(EngineSettings engine) {
    return new SpeechSettings(engine, generation, endings);
  }

  /** These settings with other guards. */
  public SpeechSettings withEndings(EndingSettings endings) {
    return new SpeechSettings(engine, generation, endings);
  }
}
