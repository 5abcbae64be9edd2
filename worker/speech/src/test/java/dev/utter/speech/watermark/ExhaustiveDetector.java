package dev.utter.speech.watermark;

import dev.utter.speech.watermark.Detector.Look;
import java.util.ArrayList;
import java.util.List;

/** The slow twin of {@link Detector}'s search: the reference's, every tenth offset of a hop. */
final class ExhaustiveDetector {
  private static final int STEP = 10;

  private ExhaustiveDetector() {}

  static List<Look> search(Detector detector, int hop, float[] samples, WatermarkKey expected) {
    List<Look> looks = new ArrayList<>();
    for (int offset = 0; offset < hop; offset += STEP) {
      if (detector.fits(samples, offset)) {
        looks.add(detector.look(samples, expected, offset));
      }
    }
    return looks;
  }
}
