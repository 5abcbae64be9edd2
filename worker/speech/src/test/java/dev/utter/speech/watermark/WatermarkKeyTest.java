package dev.utter.speech.watermark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class WatermarkKeyTest {

  @ParameterizedTest
  @ValueSource(
      strings = {"d4d39238c9", "D4D39238C9", "212,211,146,56,201", " 212, 211 ,146,56,201 "})
  void readsHexadecimalAndDecimal(String text) {
    assertThat(WatermarkKey.parse("public-demo", text)).isEqualTo(WatermarkKey.PUBLIC_DEMO);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "d4d39238",
        "d4d39238c9aa",
        "1,2,3,4",
        "1,2,3,4,256",
        "1,2,3,4,-5",
        "1,2,3,4,"
      })
  void refusesOtherTextWithoutRepeatingIt(String text) {
    assertThatThrownBy(() -> WatermarkKey.parse("k", text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "watermark key k must be 10 hexadecimal digits or 5 numbers of 0 to 255 separated by commas");
  }

  @Test
  void showsItsIdAndHidesItsBytes() {
    assertThat(WatermarkKey.PUBLIC_DEMO).hasToString("WatermarkKey[public-demo, bytes hidden]");
  }

  @Test
  void cannotBeChangedFromOutside() {
    byte[] bytes = {1, 2, 3, 4, 5};
    WatermarkKey key = new WatermarkKey("k", bytes);

    bytes[0] = 9;
    key.bytes()[1] = 9;

    assertThat(key.bytes()).containsExactly(1, 2, 3, 4, 5);
  }

  @Test
  void differsByBytesAndById() {
    WatermarkKey key = WatermarkKey.parse("k", "0102030405");

    assertThat(key).isNotEqualTo(WatermarkKey.parse("k", "0102030406"));
    assertThat(key).isNotEqualTo(WatermarkKey.parse("other", "0102030405"));
    assertThat(key).hasSameHashCodeAs(WatermarkKey.parse("k", "0102030405"));
  }

  @Test
  void refusesAnIdThatWouldNotFitAnEvent() {
    assertThatThrownBy(() -> WatermarkKey.parse("my key", "0102030405"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'my key'");
  }
}
