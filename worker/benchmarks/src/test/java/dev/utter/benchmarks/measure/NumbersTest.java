package dev.utter.benchmarks.measure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class NumbersTest {

  @Test
  void aPercentileIsAMeasuredValue() {
    // Given
    double[] values = {5, 1, 4, 2, 3};

    // Then
    assertThat(Numbers.percentile(values, 0.5)).isEqualTo(3);
    assertThat(Numbers.percentile(values, 0.95)).isEqualTo(5);
    assertThat(Numbers.percentile(values, 0)).isEqualTo(1);
  }

  @Test
  void theMedianOfAnEvenNumberLiesInTheMiddle() {
    assertThat(Numbers.median(new double[] {4, 1, 3, 2})).isEqualTo(2.5);
    assertThat(Numbers.median(new double[] {9, 1, 3})).isEqualTo(3);
  }

  @Test
  void nothingHasNoMedian() {
    assertThatThrownBy(() -> Numbers.median(new double[0])).hasMessageContaining("no values");
    assertThatThrownBy(() -> Numbers.percentile(new double[0], 0.5))
        .hasMessageContaining("no values");
  }

  @Test
  void timingsAreShownWithFourDigits() {
    assertThat(Numbers.shown(12.34567)).hasToString("12.35");
    assertThat(Numbers.shown(123_456)).hasToString("123500");
  }
}
