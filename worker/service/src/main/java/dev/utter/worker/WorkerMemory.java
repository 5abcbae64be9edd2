package dev.utter.worker;

import dev.utter.speech.failure.CheckpointException;
import dev.utter.speech.model.ModelSource;
import dev.utter.speech.model.SpeechModels;
import dev.utter.speech.torch.TorchEngine;
import dev.utter.speech.watermark.Watermark;
import dev.utter.worker.settings.ModelSettings;
import dev.utter.worker.settings.Role;
import dev.utter.worker.settings.WorkerSettings;
import dev.utter.worker.start.MemoryPlan;
import dev.utter.worker.synthesis.SynthesisSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** How a worker's settings divide the memory of its host. */
final class WorkerMemory {
  /** Classes, compiled code, stacks of about 100 threads, buffers of clients and of libtorch. */
  private static final long JVM_BYTES = 320L << 20;

  /**
   * One run of ffmpeg. Decoding or encoding one minute takes 27 MB as measured; a hostile file can
   * make a run take up to the limit of its address space.
   */
  private static final long DECODER_BYTES = 48L << 20;

  private WorkerMemory() {}

  /** Max memory of everything but heap, weights and engine. */
  static MemoryPlan besideEngine(WorkerSettings settings) {
    return new MemoryPlan()
        .add("jvm", JVM_BYTES, "")
        .add("stateStores", stateBytes(settings), "lower kafka.stateCacheBytes")
        .add(
            "decoders",
            decoders(settings) * DECODER_BYTES,
            "lower synthesis.contextThreads and synthesis.finishingThreads")
        .add("watermark", watermarkBytes(settings), "")
        .add("watermarkPasses", passBytes(settings), "");
  }

  /**
   * Max memory of all parts.
   *
   * @param weightBytes weights of the model
   * @param budgetBytes max memory of the engine beside the weights, in bytes
   */
  static MemoryPlan all(WorkerSettings settings, long weightBytes, long budgetBytes) {
    boolean onHost = settings.model().map(WorkerMemory::isOnHost).orElse(false);
    return besideEngine(settings)
        .add("heap", Runtime.getRuntime().maxMemory(), "lower -Xmx or -XX:MaxRAMPercentage")
        .add("weights", onHost ? weightBytes : 0, "choose a lower model.precision")
        .add("engine", onHost ? budgetBytes : 0, "lower model.memoryBytes or model.slots");
  }

  /**
   * Min memory of all parts, known before anything is loaded: the engine has its budget if that is
   * set, else room for one utterance of full length.
   *
   * @throws CheckpointException if there is no such model
   */
  static MemoryPlan atLeast(WorkerSettings settings) {
    if (settings.model().isEmpty()) {
      return all(settings, 0, 0);
    }
    ModelSettings model = settings.model().get();
    Path folder = settings.modelFolders().locate(model.source());
    return all(
        settings,
        SpeechModels.weightBytes(folder, model.speech()),
        model
            .speech()
            .generation()
            .memoryBytes()
            .orElseGet(() -> SpeechModels.slotBytes(folder, model.speech())));
  }

  private static boolean isOnHost(ModelSettings model) {
    return TorchEngine.takesHostMemory(model.engine());
  }

  private static long stateBytes(WorkerSettings settings) {
    boolean keepsState =
        settings.worker().has(Role.ADMISSION) || settings.worker().has(Role.STATUS);
    return keepsState ? settings.kafka().stateCacheBytes() : 0;
  }

  /** Runs of ffmpeg at the same time: context audio, clips that are written, clips checked. */
  private static int decoders(WorkerSettings settings) {
    int verifying = settings.worker().has(Role.VERIFICATION) ? 1 : 0;
    return settings.worker().has(Role.SYNTHESIS)
        ? verifying + settings.synthesis().map(WorkerMemory::decoders).orElse(0)
        : verifying;
  }

  private static int decoders(SynthesisSettings synthesis) {
    int finishing = synthesis.finishingThreads().orElse(Runtime.getRuntime().availableProcessors());
    // Interactive clips have the same number of threads in addition.
    return synthesis.contextThreads() + 2 * finishing;
  }

  /** Marking and checking have separate networks. */
  private static long watermarkBytes(WorkerSettings settings) {
    if (!settings.model().map(WorkerMemory::isOnHost).orElse(true)) {
      return 0;
    }
    long sets =
        Stream.of(Role.SYNTHESIS, Role.VERIFICATION)
            .filter(role -> settings.worker().has(role))
            .count();
    return sets
        * settings.watermark().map(watermark -> fileBytes(settings, watermark.source())).orElse(0L);
  }

  /**
   * Planes of the passes through the watermark's networks, which all roles share; files that cannot
   * be read are reported when they are loaded.
   */
  private static long passBytes(WorkerSettings settings) {
    boolean marksOrChecks =
        settings.worker().has(Role.SYNTHESIS) || settings.worker().has(Role.VERIFICATION);
    if (!marksOrChecks || !settings.model().map(WorkerMemory::isOnHost).orElse(true)) {
      return 0;
    }
    try {
      return settings
          .watermark()
          .map(
              watermark ->
                  Watermark.passBytes(
                      settings.modelFolders().locate(watermark.source()),
                      settings.worker().has(Role.SYNTHESIS)))
          .orElse(0L);
    } catch (CheckpointException e) {
      return 0;
    }
  }

  /** Size of a model's files; what cannot be read is reported when it is loaded. */
  private static long fileBytes(WorkerSettings settings, ModelSource source) {
    try (Stream<Path> files = Files.list(settings.modelFolders().locate(source))) {
      return files.filter(Files::isRegularFile).mapToLong(file -> file.toFile().length()).sum();
    } catch (IOException | CheckpointException e) {
      return 0;
    }
  }
}
