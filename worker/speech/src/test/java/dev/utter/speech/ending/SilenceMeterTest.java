package dev.utter.speech.ending;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class SilenceMeterTest {
  private static final int FRAME = 100;

  @Test
  void aFrameIsMeasuredByItsOwnLengthWhereverItBegins() {
    // Given
    float[] samples = new float[4 * FRAME];
    Arrays.fill(samples, FRAME, 2 * FRAME, 0.11f);
    SilenceMeter meter = new SilenceMeter(-20, 2, 1);

    // When
    boolean[] silent = new boolean[4];
    for (int frame = 0; frame < silent.length; frame++) {
      silent[frame] = meter.add(samples, frame * FRAME, (frame + 1) * FRAME);
    }

    // Then
    assertThat(silent).containsExactly(false, false, false, true);
    assertThat(meter.keptFrames()).isEqualTo(3);
  }
}
