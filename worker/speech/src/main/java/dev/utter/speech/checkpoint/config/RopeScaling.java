package dev.utter.speech.checkpoint.config;

/**
 * Llama-3 frequency scaling of rotary position embeddings: long wavelengths are stretched by {@code
 * factor}, short ones kept, those between blended.
 *
 * @param factor by how much long wavelengths are stretched
 * @param lowFrequencyFactor wavelengths above {@code originalMaxPositions / lowFrequencyFactor} are
 *     long
 * @param highFrequencyFactor wavelengths below {@code originalMaxPositions / highFrequencyFactor}
 *     are short; must be above {@code lowFrequencyFactor}
 * @param originalMaxPositions context length before scaling, in positions
 */
record RopeScaling(
    double factor,
    double lowFrequencyFactor,
    double highFrequencyFactor,
    int originalMaxPositions) {

  RopeScaling {
    if (!(factor > 0) || !(lowFrequencyFactor > 0) || originalMaxPositions < 1) {
      throw new IllegalArgumentException(
          "factor "
              + factor
              + ", lowFrequencyFactor "
              + lowFrequencyFactor
              + " and originalMaxPositions "
              + originalMaxPositions
              + " must be above 0");
    }
    if (!(highFrequencyFactor > lowFrequencyFactor)) {
      throw new IllegalArgumentException(
          "highFrequencyFactor is "
              + highFrequencyFactor
              + ", must be above lowFrequencyFactor "
              + lowFrequencyFactor);
    }
  }

  /** The scaled frequency, in fp32 as the reference computes it. */
  float scale(float frequency) {
    float wavelength = (float) (2 * Math.PI) / frequency;
    if (wavelength < (float) (originalMaxPositions / highFrequencyFactor)) {
      return frequency;
    }
    if (wavelength > (float) (originalMaxPositions / lowFrequencyFactor)) {
      return frequency / (float) factor;
    }
    float blend =
        (originalMaxPositions / wavelength - (float) lowFrequencyFactor)
            / (float) (highFrequencyFactor - lowFrequencyFactor);
    return (1 - blend) * frequency / (float) factor + blend * frequency;
  }
}
