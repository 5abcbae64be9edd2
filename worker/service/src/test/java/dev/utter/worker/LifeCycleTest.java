package dev.utter.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.utter.worker.LifeCycle.State;
import org.junit.jupiter.api.Test;

class LifeCycleTest {

  @Test
  void aStepIsTakenOnce() {
    // Given
    LifeCycle lifeCycle = new LifeCycle();
    lifeCycle.move(State.LATENT, State.STARTING);

    // Then
    assertThat(lifeCycle.tryMove(State.LATENT, State.STARTING)).isFalse();
    assertThatThrownBy(() -> lifeCycle.move(State.LATENT, State.STARTING))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("STARTING");
    assertThat(lifeCycle.state()).isEqualTo(State.STARTING);
  }
}
