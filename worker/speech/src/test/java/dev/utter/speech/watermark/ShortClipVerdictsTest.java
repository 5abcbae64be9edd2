package dev.utter.speech.watermark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.utter.speech.watermark.Detection.Outcome;
import java.util.EnumMap;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Reduced first looks change the verdict of no short clip. */
@Tag("integration")
final class ShortClipVerdictsTest {
  private static final int CLIPS = 480;

  @Test
  void theVerdictsAreThoseOfTheSearch() {
    Map<Outcome, Integer> outcomes = new EnumMap<>(Outcome.class);
    try (FirstLooks looks = new FirstLooks()) {
      assumeThat(looks.areReduced)
          .as("looks are reduced here: the processor multiplies bfloat16")
          .isTrue();
      for (int number = 0; number < CLIPS; number++) {
        outcomes.merge(looks.verdict(number, 16_000 + number * 61 % 30_000), 1, Integer::sum);
      }
    }
    for (Outcome outcome : Outcome.values()) {
      assertThat(outcomes.getOrDefault(outcome, 0)).as("%s", outcome).isGreaterThan(20);
    }
  }
}
