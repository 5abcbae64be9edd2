package dev.utter.speech.csm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.utter.speech.checkpoint.Checkpoint;
import dev.utter.speech.checkpoint.RandomCheckpoint;
import dev.utter.speech.torch.EngineSettings;
import dev.utter.speech.torch.TorchEngine;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SlotMemoryTest {

  @ParameterizedTest
  @ValueSource(strings = {"csm-tiny", "csm-odd"})
  void isWhatTheTensorsTake(String fixture) {
    // Given
    TorchEngine engine = TorchEngine.start(EngineSettings.defaults().withThreads(1));
    Checkpoint checkpoint = Checkpoint.open(Path.of("src/test/fixtures", fixture));
    SlotMemory memory = SlotMemory.of(checkpoint.config(), Float.BYTES);
    try (CsmProgram program = CsmProgram.load(engine, checkpoint);
        KeyValues keyValues = program.newKeyValues(7)) {

      // When / Then
      assertThat(program.elementBytes()).isEqualTo(Float.BYTES);
      assertThat(keyValues.bytes()).isEqualTo(7 * memory.bytesPerPosition());
    }
  }

  @Test
  void knowsThePublishedModel() {
    // When
    SlotMemory memory = SlotMemory.of(RandomCheckpoint.csm1b(1).config(), Short.BYTES);

    // Then
    assertThat(memory.bytesPerPosition()).isEqualTo(32_768);
    assertThat(memory.sequenceBytes()).isEqualTo(67_108_864);
    assertThat(memory.depthBytes()).isEqualTo(4 * 2 * 2 * 128 * 32 * 2);
    assertThat(memory.slotBytes())
        .isEqualTo(memory.sequenceBytes() + memory.depthBytes() + memory.codecBytes());
  }
}
