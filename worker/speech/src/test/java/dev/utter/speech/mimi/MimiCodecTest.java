package dev.utter.speech.mimi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.utter.speech.AudioCodes;
import dev.utter.speech.audio.AudioClip;
import dev.utter.speech.checkpoint.Checkpoint;
import dev.utter.speech.checkpoint.StoredTensor;
import dev.utter.speech.checkpoint.TinyCheckpoint;
import dev.utter.speech.torch.EngineSettings;
import dev.utter.speech.torch.TorchEngine;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MimiCodecTest {

  private static final Map<String, StoredTensor> REFERENCE = TinyCheckpoint.reference();
  private static MimiCodec codec;

  @BeforeAll
  static void load() {
    TorchEngine engine = TorchEngine.start(EngineSettings.defaults().withThreads(1));
    codec = MimiCodec.load(engine, Checkpoint.open(TinyCheckpoint.DIRECTORY));
  }

  @AfterAll
  static void close() {
    codec.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"utterance_0", "utterance_1"})
  void encodesAsTheReferenceDoes(String clip) {
    // Given
    AudioClip input = new AudioClip(floats(clip), 24_000);

    // When
    AudioCodes codes = codec.encoder().encode(input);

    // Then
    assertThat(codes).isEqualTo(codes("mimi." + clip + ".codes", false));
  }

  @ParameterizedTest
  @ValueSource(strings = {"utterance_0", "utterance_1"})
  void decodesAsTheReferenceDoes(String clip) {
    // When
    AudioClip decoded = codec.decoder().decode(codes("mimi." + clip + ".codes", false));

    // Then
    assertThat(decoded.samples())
        .containsExactly(floats("mimi." + clip + ".decoded"), within(1e-4f));
  }

  @ParameterizedTest
  @ValueSource(strings = {"plain", "unicode", "context"})
  void decodesGeneratedCodesAsTheReferenceDoes(String generated) {
    // When
    AudioClip decoded = codec.decoder().decode(codes("case." + generated + ".codes", true));

    // Then
    assertThat(decoded.samples())
        .containsExactly(floats("case." + generated + ".audio"), within(1e-4f));
  }

  private static float[] floats(String name) {
    return TinyCheckpoint.floats(REFERENCE.get(name));
  }

  private static AudioCodes codes(String name, boolean byFrame) {
    StoredTensor stored = REFERENCE.get(name);
    int[] values = TinyCheckpoint.ints(stored);
    return byFrame
        ? new AudioCodes(Math.toIntExact(stored.shape().get(1)), values)
        : CodeArrays.toAudioCodes(
            Arrays.stream(values).asLongStream().toArray(), Math.toIntExact(stored.shape().get(0)));
  }
}
