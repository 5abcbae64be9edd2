package dev.utter.worker.settings;

import static java.util.Objects.requireNonNull;

import dev.utter.speech.torch.EngineSettings;
import dev.utter.speech.torch.EngineSettings.Precision;
import java.nio.file.Path;

/**
 * Settings of the model; section {@code model}.
 *
 * @param folder folder of the checkpoint
 * @param engine where and how tensors are computed
 */
public record ModelSettings(Path folder, EngineSettings engine) {

  /** Checks that nothing is missing. */
  public ModelSettings {
    requireNonNull(folder, "folder is null");
    requireNonNull(engine, "engine is null");
  }

  static ModelSettings read(Section section) {
    EngineSettings defaults = EngineSettings.defaults();
    ModelSettings settings =
        new ModelSettings(
            Path.of(section.requiredText("folder")),
            new EngineSettings(
                section.text("device").orElse(defaults.device()),
                section.integer("threads").orElse(defaults.threads()),
                section.choice("precision", Precision.class).orElse(defaults.precision()),
                section.text("nativeCache").map(Path::of).or(defaults::nativeCache)));
    section.refuseUnknown();
    return settings;
  }
}
