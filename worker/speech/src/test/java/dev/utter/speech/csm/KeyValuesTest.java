package dev.utter.speech.csm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.utter.speech.checkpoint.Checkpoint;
import dev.utter.speech.checkpoint.TinyCheckpoint;
import dev.utter.speech.torch.EngineSettings;
import dev.utter.speech.torch.EngineSettings.Precision;
import dev.utter.speech.torch.TorchEngine;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The units in which slots and prefix cache are counted. */
class KeyValuesTest {

  @ParameterizedTest
  @CsvSource({"FLOAT32, 4", "BFLOAT16, 2", "FLOAT16, 4", "INT8, 4", "INT4, 4"})
  void countsTheBytesItTakesInEveryPrecision(Precision precision, int elementBytes) {
    // Given
    Checkpoint checkpoint = Checkpoint.open(TinyCheckpoint.DIRECTORY);
    TorchEngine engine =
        TorchEngine.start(EngineSettings.defaults().withThreads(1).withPrecision(precision));
    try (CsmProgram program = CsmProgram.load(engine, checkpoint);
        // When
        KeyValues keyValues = program.newKeyValues(7)) {

      // Then
      SlotMemory memory = SlotMemory.of(checkpoint.config(), elementBytes);
      assertThat(program.elementBytes()).isEqualTo(elementBytes);
      assertThat(keyValues.bytes()).isEqualTo(7 * memory.bytesPerPosition());
    }
  }
}
