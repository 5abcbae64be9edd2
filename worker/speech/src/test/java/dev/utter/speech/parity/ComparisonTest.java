package dev.utter.speech.parity;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ComparisonTest {

  @Test
  void countsWholeNumbersThatDiffer() {
    Comparison comparison = Comparison.equal("codes", new int[] {1, 2, 3}, new int[] {1, 5, 6});

    assertThat(comparison.passed()).isFalse();
    assertThat(comparison.difference()).isEqualTo(2);
    assertThat(comparison.detail()).isEqualTo("first at 1: expected 2, found 5");
  }

  @Test
  void findsTheLargestDifference() {
    float[] expected = {1, 2, 3};

    assertThat(Comparison.close("x", expected, new float[] {1, 2.5f, 3.25f}, 0.5).passed())
        .isTrue();
    assertThat(Comparison.close("x", expected, new float[] {1, 2.5f, 3.25f}, 0.25).passed())
        .isFalse();
  }

  @Test
  void neverPassesWhatIsNotANumber() {
    float[] expected = {1};

    assertThat(Comparison.close("x", expected, new float[] {Float.NaN}, 10).passed()).isFalse();
    assertThat(Comparison.close("x", expected, new float[] {1, 1}, 10).passed()).isFalse();
    assertThat(Comparison.equal("x", new int[] {1}, new int[0]).passed()).isFalse();
    assertThat(Comparison.same("x", "a", "b").passed()).isFalse();
    assertThat(Comparison.failed("x", new IllegalStateException("broken")).passed()).isFalse();
  }
}
