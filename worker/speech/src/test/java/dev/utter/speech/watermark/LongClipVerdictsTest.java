package dev.utter.speech.watermark;

import static org.assertj.core.api.Assertions.assertThat;

import dev.utter.speech.watermark.Detection.Outcome;
import java.util.EnumMap;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** First looks at a part change the verdict of no long clip. */
@Tag("integration")
final class LongClipVerdictsTest {
  private static final int CLIPS = 32;

  @Test
  void theVerdictsAreThoseOfTheSearch() {
    Map<Outcome, Integer> outcomes = new EnumMap<>(Outcome.class);
    try (FirstLooks looks = new FirstLooks()) {
      for (int number = 0; number < CLIPS; number++) {
        outcomes.merge(
            looks.verdict(number, FirstLooks.RATE * 13 + number * 1_997), 1, Integer::sum);
      }
    }
    for (Outcome outcome : Outcome.values()) {
      assertThat(outcomes.getOrDefault(outcome, 0)).as("%s", outcome).isGreaterThan(2);
    }
  }
}
