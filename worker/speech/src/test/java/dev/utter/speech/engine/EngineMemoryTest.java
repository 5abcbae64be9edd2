package dev.utter.speech.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.utter.speech.csm.SlotMemory;
import org.junit.jupiter.api.Test;

class EngineMemoryTest {

  /** A slot of 1200 bytes; a sequence of 1000, hence prompts being run take 3000. */
  private static final SlotMemory SLOT = new SlotMemory(100, 10, 50, 150);

  private static final GenerationSettings SETTINGS = GenerationSettings.defaults();

  @Test
  void givesAsManySlotsAsThereIsRoomFor() {
    // When
    EngineMemory memory = EngineMemory.divide(SETTINGS, SLOT, 40_000);

    // Then: half of it, less an eighth for prefixes and the prompts, in pairs of a slot and a place
    assertThat(memory).isEqualTo(new EngineMemory(20_000, 6, 6 * 1200, 2500));
  }

  @Test
  void usesTheConfiguredBudget() {
    // When
    EngineMemory memory =
        EngineMemory.divide(
            SETTINGS.withMemoryBytes(3000 + 7 * 2400 + 100).withPrefixBytes(100), SLOT, 1);

    // Then
    assertThat(memory).isEqualTo(new EngineMemory(19_900, 7, 7 * 1200, 100));
  }

  @Test
  void usesTheConfiguredSlots() {
    assertThat(EngineMemory.divide(SETTINGS.withSlots(3), SLOT, 1000).slots()).isEqualTo(3);
    assertThat(EngineMemory.divide(SETTINGS.withSlots(3), SLOT, 1 << 30).slots()).isEqualTo(3);
  }

  @Test
  void givesNoMoreSlotsThanHelp() {
    assertThat(EngineMemory.divide(SETTINGS, SLOT, 1L << 40).slots())
        .isEqualTo(EngineMemory.MAX_SLOTS);
  }

  @Test
  void reportsWhatIsMissing() {
    assertThatThrownBy(() -> EngineMemory.divide(SETTINGS, SLOT, 8000))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "half of the free memory is 4000 bytes, must be at least 5900: 1 slots of 2400 (a"
                + " running and a preempted utterance of full length), 3000 for prompts being run"
                + " and 500 for prefixes");
    assertThatThrownBy(
            () ->
                EngineMemory.divide(
                    SETTINGS.withMemoryBytes(8000).withPrefixBytes(0).withSlots(3), SLOT, 8000))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("memoryBytes is 8000 bytes, must be at least 10200: 3 slots");
  }
}
