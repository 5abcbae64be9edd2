package dev.utter.benchmarks.engine;

import dev.utter.speech.torch.EngineSettings;
import dev.utter.speech.torch.EngineSettings.Precision;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What `bench engine` measures.
 *
 * @param precisions types of the weights, one after another
 * @param batches streams generated side by side, each at least 1
 * @param contexts positions of the prompt before its sentence, each at least 0
 * @param frames frames of every turn, at least 2; default 25
 * @param rounds turns of each side, at least 1; default 3
 * @param device where to compute, as in {@link EngineSettings}; default auto
 * @param threads threads of the CPU; empty for one per processor
 * @param busy processes beside the engine that keep a processor busy each, at least 0; default 0
 * @param audio whether the sound is decoded too; default false
 * @param watermark folder of the networks to mark the sound with; default none
 * @param randomWatermark whether to mark it with random networks of the published sizes; default
 *     false
 * @param nativeLibrary library of operators; default none
 * @param graphs whether steps may be replayed from CUDA graphs; default true
 * @param peerPython interpreter of the peer; default none
 */
record EngineBenchSettings(
    List<Precision> precisions,
    List<Integer> batches,
    List<Integer> contexts,
    int frames,
    int rounds,
    String device,
    OptionalInt threads,
    int busy,
    boolean audio,
    Optional<Path> watermark,
    boolean randomWatermark,
    Optional<Path> nativeLibrary,
    boolean graphs,
    Optional<String> peerPython) {

  EngineBenchSettings {
    precisions = List.copyOf(precisions);
    batches = List.copyOf(batches);
    contexts = List.copyOf(contexts);
    batches.forEach(batch -> atLeast("batch", batch, 1));
    contexts.forEach(context -> atLeast("context", context, 0));
    atLeast("frames", frames, 2);
    atLeast("rounds", rounds, 1);
    atLeast("busy", busy, 0);
    threads.ifPresent(count -> atLeast("threads", count, 1));
    if (watermark.isPresent() && !audio) {
      throw new IllegalArgumentException(
          "watermark is " + watermark.get() + ", which needs --audio");
    }
    if (randomWatermark && !audio) {
      throw new IllegalArgumentException("random is silentcipher, which needs --audio");
    }
    if (randomWatermark && watermark.isPresent()) {
      throw new IllegalArgumentException(
          "random is silentcipher, but --watermark names " + watermark.get());
    }
  }

  private static void atLeast(String name, int value, int min) {
    if (value < min) {
      throw new IllegalArgumentException(name + " is " + value + ", must be at least " + min);
    }
  }

  /** The engine's settings with this precision. */
  EngineSettings engine(Precision precision) {
    return EngineSettings.defaults()
        .withDevice(device)
        .withThreads(threads)
        .withPrecision(precision)
        .withNativeLibrary(nativeLibrary);
  }

  /** These settings with another device. */
  EngineBenchSettings withDevice(String device) {
    return new EngineBenchSettings(
        precisions,
        batches,
        contexts,
        frames,
        rounds,
        device,
        threads,
        busy,
        audio,
        watermark,
        randomWatermark,
        nativeLibrary,
        graphs,
        peerPython);
  }

  /** Threads as a number. */
  int threadCount() {
    return threads.orElse(Runtime.getRuntime().availableProcessors());
  }
}
