package dev.utter.benchmarks.engine;

/**
 * What mark and check of clips took.
 *
 * @param networks what results call the networks
 * @param audioSeconds of the clips
 * @param embedSeconds time to mark them
 * @param detectSeconds time to find the marks again
 */
record MarkingResult(
    String networks, double audioSeconds, double embedSeconds, double detectSeconds) {

  double embedSecondsPerSecond() {
    return embedSeconds / audioSeconds;
  }

  double detectSecondsPerSecond() {
    return detectSeconds / audioSeconds;
  }
}
