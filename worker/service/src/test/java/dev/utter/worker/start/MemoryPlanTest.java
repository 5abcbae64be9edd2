package dev.utter.worker.start;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.utter.worker.failure.WorkerBrokenException;
import org.junit.jupiter.api.Test;

class MemoryPlanTest {
  private final MemoryPlan plan =
      new MemoryPlan()
          .add("heap", 2_000, "lower -Xmx")
          .add("weights", 6_000, "choose a lower model.precision")
          .add("jvm", 500, "")
          .add("stateStores", 0, "lower kafka.stateCacheBytes");

  @Test
  void partsThatFitPass() {
    assertThat(plan.totalBytes()).isEqualTo(8_500);
    assertThatCode(() -> plan.check(8_500)).doesNotThrowAnyException();
  }

  @Test
  void partsThatDoNotFitAreNamedWithWhatToLower() {
    assertThatThrownBy(() -> plan.check(8_499))
        .isInstanceOf(WorkerBrokenException.class)
        .hasMessage(
            "memory does not fit: heap 2000 + weights 6000 + jvm 500 = 8500 bytes, but this"
                + " process may take 8499; give it more, or lower -Xmx, or choose a lower"
                + " model.precision");
  }
}
