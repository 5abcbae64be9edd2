package dev.utter.cli.doctor;

import dev.utter.speech.audio.AudioClip;
import dev.utter.speech.checkpoint.Checkpoint;
import dev.utter.speech.checkpoint.ModelInspection;
import dev.utter.speech.csm.WeightPreparation;
import dev.utter.speech.csm.prepared.PreparedFinding;
import dev.utter.speech.model.ModelSource;
import dev.utter.speech.parity.PublishedResult;
import dev.utter.speech.parity.PublishedValues;
import dev.utter.speech.torch.EngineSettings;
import dev.utter.speech.torch.TorchEngine;
import dev.utter.speech.watermark.Detection;
import dev.utter.speech.watermark.KeyRing;
import dev.utter.speech.watermark.Watermark;
import dev.utter.worker.WorkerCheck;
import dev.utter.worker.settings.ModelSettings;
import dev.utter.worker.settings.WatermarkingSettings;
import dev.utter.worker.settings.WorkerSettings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Function;

/** Checks of the model's files and numbers, and of the watermark. */
final class ModelChecks {
  private static final String FETCH =
      "\"utter model fetch sesame/csm-1b\" downloads the model; \"utter model inspect\" explains a"
          + " folder";
  private static final String PREPARE =
      "run \"utter model prepare\" again on this machine, or delete the file";
  private static final String TOKENIZER =
      "put the tokenizer.json that was published with this model into its folder";
  private static final String RUNS =
      "use the libtorch and the instruction set of another machine to compare: UTTER_CPU_ISA=avx2,"
          + " PYTORCH_LIBRARY_PATH; and report the difference";

  private static final int SAMPLE_RATE = 24_000;
  private static final int SECONDS = 2;

  private final WorkerSettings settings;
  private final EngineSettings engine;

  /**
   * @param settings those of the worker
   * @param engine where and how tensors are computed
   */
  ModelChecks(WorkerSettings settings, EngineSettings engine) {
    this.settings = settings;
    this.engine = engine;
  }

  List<Check> all() {
    List<Check> checks = new ArrayList<>();
    checks.add(
        new Check(
            "memory",
            "give the process more memory, or choose a lower model.precision",
            () -> Answer.ok(WorkerCheck.memory(settings))));
    checks.add(model("model files", FETCH, ModelChecks::files));
    checks.add(model("prepared weights", FETCH, this::prepared));
    checks.add(
        model("tokenizer", TOKENIZER, folder -> answer(PublishedValues.tokens(folder), TOKENIZER)));
    checks.add(
        model(
            "published frame",
            RUNS,
            folder -> answer(PublishedValues.frames(folder, engine), RUNS)));
    checks.add(
        model(
            "published codes",
            RUNS,
            folder -> answer(PublishedValues.codes(folder, engine), RUNS)));
    checks.add(
        new Check(
            "mark and detect",
            "\"utter model fetch sony/silentcipher\" downloads the published networks; name them by"
                + " --watermark or watermark.source",
            this::roundTrip));
    return checks;
  }

  private Check model(String name, String remedy, Function<Path, Answer> check) {
    return new Check(
        name,
        remedy,
        () ->
            settings
                .model()
                .map(ModelSettings::source)
                .map(this::folder)
                .map(check)
                .orElseGet(() -> Answer.notChecked("this worker has no model")));
  }

  private Path folder(ModelSource source) {
    return settings.modelFolders().locate(source);
  }

  private static Answer files(Path folder) {
    ModelInspection model = ModelInspection.inspect(folder);
    return Answer.ok(
        "%s: %s, %d tensors in %d files, %d bytes"
            .formatted(
                folder, model.layout(), model.tensors(), model.files().size(), model.bytes()));
  }

  private Answer prepared(Path folder) {
    WeightPreparation preparation =
        new WeightPreparation(TorchEngine.start(engine), Checkpoint.open(folder));
    Optional<String> impossible = preparation.obstacle();
    if (impossible.isPresent()) {
      return Answer.notChecked(impossible.get());
    }
    Optional<PreparedFinding> found = preparation.find();
    if (found.isEmpty()) {
      return Answer.ok(
          "none for %s: a start converts the checkpoint; \"utter model prepare\" saves that"
              .formatted(engine.precision()));
    }
    return found
        .get()
        .obstacle()
        .map(why -> Answer.notOk(why, PREPARE))
        .orElseGet(
            () ->
                Answer.ok(
                    "%s: %d bytes, belongs to this checkpoint, program and processor"
                        .formatted(found.get().file(), found.get().bytes())));
  }

  private static Answer answer(PublishedResult result, String remedy) {
    return switch (result.outcome()) {
      case EQUAL -> Answer.ok(result.detail());
      case DIFFERENT -> Answer.notOk(result.detail(), remedy);
      case NOT_COMPARED -> Answer.notChecked(result.detail());
    };
  }

  private Answer roundTrip() {
    Optional<WatermarkingSettings> wanted = settings.watermark();
    if (wanted.isEmpty()) {
      return Answer.notChecked("this worker neither marks nor verifies");
    }
    KeyRing keys = wanted.get().keys();
    try (Watermark watermark =
        Watermark.load(
            TorchEngine.start(engine), folder(wanted.get().source()), wanted.get().detection())) {
      AudioClip clip = noise();
      Detection before = watermark.detect(clip, keys);
      Detection after = watermark.detect(watermark.embed(clip, keys.marking()), keys);
      return after.matches() && !before.matches()
          ? Answer.ok(
              "a mark in %d s of noise is found with confidence %.2f"
                  .formatted(SECONDS, after.confidence()))
          : Answer.notOk(
              "a mark in %d s of noise gives %s, none gives %s"
                  .formatted(SECONDS, after.outcome(), before.outcome()),
              "use the networks as published, 44_1_khz/73999_iteration of sony/silentcipher, and no"
                  + " higher watermark.strengthDecibels than 36");
    }
  }

  /** Noise whose loudness changes like that of syllables. */
  private static AudioClip noise() {
    Random random = new Random(1);
    float[] samples = new float[SECONDS * SAMPLE_RATE];
    double low = 0;
    for (int i = 0; i < samples.length; i++) {
      low += 0.1 * (random.nextGaussian() - low);
      double loudness = 0.6 + 0.4 * Math.sin(2 * Math.PI * 4 * i / SAMPLE_RATE);
      samples[i] = (float) (0.3 * loudness * low + 0.02 * random.nextGaussian());
    }
    return new AudioClip(samples, SAMPLE_RATE);
  }
}
