package dev.utter.worker.settings;

import static java.util.Objects.requireNonNull;

import dev.utter.speech.ending.EndingSettings;
import dev.utter.speech.ending.EndingSettings.Runaway;
import dev.utter.speech.ending.EndingSettings.Silence;
import dev.utter.speech.engine.GenerationSettings;
import dev.utter.speech.model.ModelSource;
import dev.utter.speech.model.SpeechSettings;
import dev.utter.speech.torch.EngineSettings;
import dev.utter.speech.torch.EngineSettings.Kernels;
import dev.utter.speech.torch.EngineSettings.Precision;
import dev.utter.worker.settings.source.Section;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Settings of the model; section {@code model}.
 *
 * @param source folder of the checkpoint, or name of a published one
 * @param download whether a published one may be downloaded at start
 * @param speech where and how tensors are computed, how generations are run and when they end
 */
public record ModelSettings(ModelSource source, boolean download, SpeechSettings speech) {

  /** Checks that nothing is missing. */
  public ModelSettings {
    requireNonNull(source, "source is null");
    requireNonNull(speech, "speech is null");
  }

  /** Where and how tensors are computed. */
  public EngineSettings engine() {
    return speech.engine();
  }

  static ModelSettings read(Section section) {
    ModelSettings settings =
        new ModelSettings(
            ModelSource.parse(section.requiredText("source")),
            section.flag("download").orElse(false),
            new SpeechSettings(
                engine(section), generation(section), endings(section.section("endings"))));
    section.refuseUnknown();
    return settings;
  }

  private static EngineSettings engine(Section section) {
    EngineSettings defaults = EngineSettings.defaults();
    return new EngineSettings(
        section.text("device").orElse(defaults.device()),
        section.integer("threads").orElse(defaults.threads()),
        section.choice("precision", Precision.class).orElse(defaults.precision()),
        section.choice("kernels", Kernels.class).orElse(defaults.kernels()),
        section.text("nativeCache").map(Path::of).or(defaults::nativeCache),
        section.text("nativeLibrary").map(Path::of).or(defaults::nativeLibrary));
  }

  private static GenerationSettings generation(Section section) {
    GenerationSettings defaults = GenerationSettings.defaults();
    return new GenerationSettings(
        section.integer("prefillChunk").orElse(defaults.prefillChunk()),
        section.integer("slots"),
        section.longInteger("memoryBytes"),
        section.longInteger("prefixBytes"),
        section.integer("framesPerDecode").orElse(defaults.framesPerDecode()),
        section.flag("strict").orElse(defaults.strict()),
        section.flag("graphs").orElse(defaults.graphs()));
  }

  private static EndingSettings endings(Section section) {
    EndingSettings settings =
        section.checked(
            () ->
                new EndingSettings(
                    section
                        .integer("repeatedFrames")
                        .orElse(EndingSettings.defaults().repeatedFrames()),
                    silence(section.section("silence")),
                    runaway(section.section("runaway"))));
    section.refuseUnknown();
    return settings;
  }

  private static Optional<Silence> silence(Section section) {
    Silence settings =
        section.checked(
            () ->
                new Silence(
                    section.decimal("level").orElse(Silence.DEFAULT.level()),
                    section.duration("longest").orElse(Silence.DEFAULT.longest()),
                    section.duration("remainder").orElse(Silence.DEFAULT.remainder())));
    boolean enabled = section.flag("enabled").orElse(true);
    section.refuseUnknown();
    return enabled ? Optional.of(settings) : Optional.empty();
  }

  private static Optional<Runaway> runaway(Section section) {
    Runaway settings =
        section.checked(
            () ->
                new Runaway(
                    section.duration("base").orElse(Runaway.DEFAULT.base()),
                    section.duration("perToken").orElse(Runaway.DEFAULT.perToken())));
    boolean enabled = section.flag("enabled").orElse(true);
    section.refuseUnknown();
    return enabled ? Optional.of(settings) : Optional.empty();
  }
}
