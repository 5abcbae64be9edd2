package dev.utter.benchmarks.pipeline;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Arrival times of requests, fixed before the first is sent: an open loop, in which a slow system
 * does not delay later requests.
 */
enum Arrivals {
  /** Evenly spaced. */
  FIXED {
    @Override
    double gap(SplittableRandom random) {
      return 1;
    }
  },
  /** A Poisson process: gaps are exponentially distributed, so requests also come in bursts. */
  POISSON {
    @Override
    double gap(SplittableRandom random) {
      return -Math.log1p(-random.nextDouble());
    }
  };

  private static final double NANOS_PER_SECOND = 1e9;

  /** The next gap, in units of the mean gap. */
  abstract double gap(SplittableRandom random);

  /**
   * Arrival times from the start on, in order; the same for the same seed.
   *
   * @param ratePerSecond mean number of arrivals in a second
   */
  List<Duration> within(Duration time, double ratePerSecond, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<Duration> arrivals = new ArrayList<>();
    double at = gap(random) / ratePerSecond;
    while (at * NANOS_PER_SECOND < time.toNanos()) {
      arrivals.add(Duration.ofNanos((long) (at * NANOS_PER_SECOND)));
      at += gap(random) / ratePerSecond;
    }
    return arrivals;
  }
}
