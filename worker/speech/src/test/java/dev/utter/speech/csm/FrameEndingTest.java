package dev.utter.speech.csm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.utter.speech.FinishReason;
import org.junit.jupiter.api.Test;

class FrameEndingTest {

  @Test
  void endsWithTheFrameOfZerosAndLeavesItOut() {
    // Given
    FrameEnding ending = new FrameEnding(10, 0);
    ending.add(new int[] {0, 3});

    // When / Then
    assertThat(ending.add(new int[] {0, 0})).contains(FinishReason.END_OF_AUDIO);
    assertThat(ending.codes()).containsExactly(0, 3);
  }

  @Test
  void endsWithTheLastFrameAskedFor() {
    // Given
    FrameEnding ending = new FrameEnding(2, 0);

    // When / Then
    assertThat(ending.add(new int[] {1, 3})).isEmpty();
    assertThat(ending.add(new int[] {1, 4})).contains(FinishReason.MAX_DURATION);
    assertThat(ending.codes()).containsExactly(1, 3, 1, 4);
  }

  @Test
  void endsWhenAFrameIsRepeatedAndKeepsOneOfThem() {
    // Given
    FrameEnding ending = new FrameEnding(10, 3);
    ending.add(new int[] {1});
    ending.add(new int[] {2});
    ending.add(new int[] {2});
    ending.add(new int[] {1});
    ending.add(new int[] {2});
    ending.add(new int[] {2});

    // When / Then
    assertThat(ending.add(new int[] {2})).contains(FinishReason.REPEATED_FRAME);
    assertThat(ending.codes()).containsExactly(1, 2, 2, 1, 2);
  }

  @Test
  void lastFrameAndRepetitionAtOnceCountAsRepetition() {
    // Given
    FrameEnding ending = new FrameEnding(2, 2);
    ending.add(new int[] {7});

    // When / Then
    assertThat(ending.add(new int[] {7})).contains(FinishReason.REPEATED_FRAME);
  }

  @Test
  void neverEndsForRepetitionsWithoutALimit() {
    // Given
    FrameEnding ending = new FrameEnding(1000, 0);

    // When / Then
    for (int i = 0; i < 999; i++) {
      assertThat(ending.add(new int[] {7})).isEmpty();
    }
  }
}
