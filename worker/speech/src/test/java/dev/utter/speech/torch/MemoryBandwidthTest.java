package dev.utter.speech.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class MemoryBandwidthTest {

  private final TorchEngine engine = TorchEngine.start(EngineSettings.defaults().withThreads(1));

  @Test
  void memoryIsReadAtASpeedThatMachinesHave() {
    // Given
    long owners = NativeMemory.openOwners();

    // When
    double speed;
    try (MemoryBandwidth bandwidth = MemoryBandwidth.prepare(engine, 64 << 20)) {
      speed = bandwidth.bytesPerSecond();
    }

    // Then
    assertThat(speed).isBetween(1e8, 1e14);
    assertThat(NativeMemory.openOwners()).isEqualTo(owners);
  }

  @Test
  void aBufferOfNothingIsRefused() {
    assertThatThrownBy(() -> MemoryBandwidth.prepare(engine, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("bytes is 0");
  }
}
