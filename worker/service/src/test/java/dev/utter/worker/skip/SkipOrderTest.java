package dev.utter.worker.skip;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SkipOrderTest {
  private static final RecordPosition POSITION = new RecordPosition("utter.work.normal", 3, 1207);

  @Test
  void anOrderIsReadAsItWasWritten() {
    SkipOrder order =
        new SkipOrder(
            SkippingStage.SYNTHESIS,
            POSITION,
            SkipOrder.digest("a".getBytes(UTF_8), new byte[] {1}),
            "seen by \"A\"\nat night");

    assertThat(SkipOrder.decode(order.encode())).contains(order);
    assertThat(new String(order.key(), UTF_8)).isEqualTo("synthesis utter.work.normal-3@1207");
  }

  /** Orders of an earlier version are read by later ones. */
  @Test
  void theFormOfAnOrderStays() {
    assertThat(
            SkipOrder.decode(
                "{\"stage\":\"admission\",\"position\":\"utter.requests-0@5\",\"digest\":\"ab\",\"note\":\"\",\"more\":1}"
                    .getBytes(UTF_8)))
        .contains(
            new SkipOrder(
                SkippingStage.ADMISSION, new RecordPosition("utter.requests", 0, 5), "ab", ""));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "no json",
        "[]",
        "{\"stage\":\"other\",\"position\":\"utter.requests-0@5\",\"digest\":\"ab\"}",
        "{\"stage\":\"admission\",\"position\":\"utter.requests\",\"digest\":\"ab\"}"
      })
  void whatIsNoOrderIsIgnored(String value) {
    assertThat(SkipOrder.decode(value.getBytes(UTF_8))).isEmpty();
  }

  @Test
  void anotherRecordAtThePositionHasAnotherDigest() {
    byte[] a = {1};
    byte[] none = {};

    assertThat(SkipOrder.digest(a, a))
        .isEqualTo(SkipOrder.digest(a.clone(), a.clone()))
        .isNotEqualTo(SkipOrder.digest(a, none))
        .isNotEqualTo(SkipOrder.digest(none, a));
    assertThat(SkipOrder.digest(a, null)).isNotEqualTo(SkipOrder.digest(a, none));
    assertThat(SkipOrder.digest(new byte[] {1, 2}, a))
        .isNotEqualTo(SkipOrder.digest(a, new byte[] {2, 1}));
  }

  @Test
  void aPositionIsReadAsItIsWritten() {
    assertThat(RecordPosition.parse(POSITION.toString())).contains(POSITION);
    assertThat(RecordPosition.parse("utter.dead-letters-0@1"))
        .contains(new RecordPosition("utter.dead-letters", 0, 1));
    assertThat(RecordPosition.parse("utter.requests-1")).isEqualTo(Optional.empty());
    assertThat(RecordPosition.parse("utter.requests@1")).isEmpty();
    assertThat(RecordPosition.parse("utter.requests-x@1")).isEmpty();
  }
}
