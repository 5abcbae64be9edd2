package dev.utter.speech.watermark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class KeyRingTest {
  private static final WatermarkKey FIRST = WatermarkKey.parse("first", "0102030405");
  private static final WatermarkKey SECOND = WatermarkKey.parse("second", "0102030406");

  @Test
  void theFirstKeyMarksAndEachIsFoundByItsId() {
    KeyRing ring = new KeyRing(List.of(FIRST, SECOND));

    assertThat(ring.marking()).isEqualTo(FIRST);
    assertThat(ring.find("first")).contains(FIRST);
    assertThat(ring.find("second")).contains(SECOND);
    assertThat(ring.find("third")).isEmpty();
    assertThat(ring).hasToString("KeyRing[first, second]");
  }

  @Test
  void keysThatCannotBeTakenForOneAnotherAreAsked() {
    assertThatThrownBy(() -> new KeyRing(List.of()))
        .hasMessage("there are 0 watermark keys, there must be 1 to 16");
    assertThatThrownBy(() -> new KeyRing(List.of(FIRST, WatermarkKey.parse("first", "0a0b0c0d0e"))))
        .hasMessage("two watermark keys have the id first");
    assertThatThrownBy(
            () -> new KeyRing(List.of(FIRST, SECOND, WatermarkKey.parse("third", "0102030405"))))
        .hasMessage("the watermark keys first and third are the same");
    assertThatThrownBy(
            () ->
                new KeyRing(
                    IntStream.rangeClosed(1, 17)
                        .mapToObj(i -> new WatermarkKey("k" + i, new byte[] {0, 0, 0, 0, (byte) i}))
                        .toList()))
        .hasMessage("there are 17 watermark keys, there must be 1 to 16");
  }
}
