package dev.utter.speech.parity;

import java.nio.file.Path;
import java.util.List;

/**
 * What a comparison with the reference found.
 *
 * @param fixture the folder
 * @param comparisons every quantity compared; never empty
 */
public record ParityReport(Path fixture, List<Comparison> comparisons) {

  public ParityReport {
    comparisons = List.copyOf(comparisons);
    if (comparisons.isEmpty()) {
      throw new IllegalArgumentException(fixture + " holds nothing to compare");
    }
  }

  /** Whether every quantity passed. */
  public boolean passed() {
    return comparisons.stream().allMatch(Comparison::passed);
  }
}
