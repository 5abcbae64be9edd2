package dev.utter.speech.watermark;

import static org.assertj.core.api.Assertions.assertThat;

import dev.utter.speech.watermark.Detection.Outcome;
import java.util.EnumMap;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** First looks at a part change the verdict of no clip of 9 to 18 repeats of the message. */
@Tag("integration")
final class MiddleClipVerdictsTest {
  private static final int CLIPS = 104;

  @Test
  void theVerdictsAreThoseOfTheSearch() {
    Map<Outcome, Integer> outcomes = new EnumMap<>(Outcome.class);
    try (FirstLooks looks = new FirstLooks()) {
      for (int number = 0; number < CLIPS; number++) {
        outcomes.merge(looks.verdict(number, 53_000 + number * 1_997 % 56_000), 1, Integer::sum);
      }
    }
    for (Outcome outcome : Outcome.values()) {
      assertThat(outcomes.getOrDefault(outcome, 0)).as("%s", outcome).isGreaterThan(10);
    }
  }
}
