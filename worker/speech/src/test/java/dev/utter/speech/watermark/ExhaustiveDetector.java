package dev.utter.speech.watermark;

import dev.utter.speech.watermark.Detector.Look;
import dev.utter.speech.watermark.Detector.Passes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The slow reference of {@link Detector}'s search: the reference's, every tenth offset of a hop.
 */
final class ExhaustiveDetector {
  private static final int STEP = 10;

  private ExhaustiveDetector() {}

  static List<Look> search(
      Detector detector, int hop, Passes passes, Optional<WatermarkKey> expected) {
    List<Look> looks = new ArrayList<>();
    for (int offset = 0; offset < hop; offset += STEP) {
      if (passes.fit(offset)) {
        looks.add(detector.look(passes, expected, offset));
      }
    }
    return looks;
  }
}
