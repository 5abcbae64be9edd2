package dev.utter.benchmarks.quality;

import java.util.function.Consumer;

/** Where clips come from: a model that speaks sentences, or a folder of recordings. */
interface ClipSource {
  /** What results call the model. */
  String model();

  /** What results call the precision. */
  String precision();

  /** Passes every clip on. */
  void forEach(Consumer<SpokenClip> clips);
}
