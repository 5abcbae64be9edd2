package dev.utter.speech.csm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StepShapeTest {

  private static final StepShape ROOM = new StepShape(48, 1000, 2048);

  @ParameterizedTest
  @CsvSource({
    "1, 1, 1, 1, 256, 1",
    "2, 256, 2, 2, 256, 64",
    "3, 257, 64, 4, 512, 64",
    "5, 512, 65, 8, 512, 256",
    "32, 513, 257, 32, 768, 1024",
    "33, 769, 1025, 48, 1000, 2048",
    "48, 1000, 2048, 48, 1000, 2048",
  })
  void numbersAreRoundedUpButNotBeyondTheLimits(
      int running, int maxLength, int maxTopK, int slots, int positions, int topK) {
    assertThat(StepShape.around(running, maxLength, maxTopK, ROOM))
        .isEqualTo(new StepShape(slots, positions, topK));
  }

  @Test
  void differentShapesHaveDifferentKeys() {
    // Given
    int[] sizes = {1, 2, 64, 256, 2048, (1 << 21) - 1};

    // When
    Stream<Long> keys =
        IntStream.range(0, 6 * 6 * 6)
            .mapToObj(i -> new StepShape(sizes[i % 6], sizes[i / 6 % 6], sizes[i / 36]).key());

    // Then
    assertThat(keys).doesNotHaveDuplicates().allMatch(key -> key > 0);
  }
}
