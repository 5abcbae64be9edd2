package dev.utter.speech.mimi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.utter.speech.AudioCodes;
import dev.utter.speech.audio.AudioClip;
import dev.utter.speech.checkpoint.Checkpoint;
import dev.utter.speech.checkpoint.TinyCheckpoint;
import dev.utter.speech.checkpoint.tensor.Dtype;
import dev.utter.speech.checkpoint.tensor.SafetensorsWriter;
import dev.utter.speech.checkpoint.tensor.StoredTensor;
import dev.utter.speech.torch.NativeMemory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MimiCodecTest {

  private static CodecFixture tiny;

  @BeforeAll
  static void load() {
    tiny = new CodecFixture(TinyCheckpoint.DIRECTORY, "reference.safetensors");
  }

  @AfterAll
  static void close() {
    tiny.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"utterance_0", "utterance_1"})
  void encodesAsTheReferenceDoes(String clip) {
    // When
    AudioCodes codes = tiny.encoder().encode(tiny.clip(clip));

    // Then
    assertThat(codes).isEqualTo(tiny.codes("mimi." + clip + ".codes"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"utterance_0", "utterance_1"})
  void decodesAsTheReferenceDoes(String clip) {
    // When
    AudioClip decoded = tiny.decoder().decode(tiny.codes("mimi." + clip + ".codes"));

    // Then
    assertThat(decoded.samples())
        .containsExactly(tiny.samples("mimi." + clip + ".decoded"), within(1e-4f));
  }

  @ParameterizedTest
  @ValueSource(strings = {"plain", "unicode", "context"})
  void decodesGeneratedCodesAsTheReferenceDoes(String generated) {
    // When
    AudioClip decoded = tiny.decoder().decode(tiny.generatedCodes("case." + generated + ".codes"));

    // Then
    assertThat(decoded.samples())
        .containsExactly(tiny.samples("case." + generated + ".audio"), within(1e-4f));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 959, 960, 961, 1919, 1920, 1921, 5000, 20011})
  void treatsLengthsAroundFrameBordersAsTheReferenceDoes(int samples) {
    try (CodecFixture lengths = new CodecFixture(TinyCheckpoint.DIRECTORY, "lengths.safetensors")) {
      // Given
      AudioClip whole = tiny.clip("utterance_1");
      AudioClip clip = new AudioClip(Arrays.copyOf(whole.samples(), samples), whole.sampleRate());

      // When
      AudioCodes codes = lengths.encoder().encode(clip);
      float[] decoded = lengths.decoder().decode(codes).samples();

      // Then
      assertThat(codes).isEqualTo(lengths.codes("codes." + samples));
      assertThat(decoded).hasSize(1920 * codes.frames());
      assertThat(Arrays.copyOf(decoded, Math.min(2400, decoded.length)))
          .containsExactly(lengths.samples("decoded." + samples), within(1e-4f));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 59, 60, 61, 119, 997, 2401, 16001})
  void followsAConfigurationThatDiffersInEverything(int samples) {
    try (CodecFixture odd =
        new CodecFixture(TinyCheckpoint.ODD_DIRECTORY, "reference.safetensors")) {
      // Given
      String name = "clip_" + samples;

      // When
      AudioCodes codes = odd.encoder().encode(odd.clip(name));
      AudioClip decoded = odd.decoder().decode(odd.codes("mimi." + name + ".codes"));

      // Then
      assertThat(codes).isEqualTo(odd.codes("mimi." + name + ".codes"));
      assertThat(decoded.samples())
          .containsExactly(odd.samples("mimi." + name + ".decoded"), within(1e-4f));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 1000})
  void yieldsTheSameInPassesOfAnyLength(int passFrames) {
    // Given
    AudioCodes expected = tiny.codes("mimi.utterance_1.codes");

    // When
    AudioCodes codes = tiny.encoder().withPassFrames(passFrames).encode(tiny.clip("utterance_1"));
    AudioClip decoded = tiny.decoder().withPassFrames(passFrames).decode(expected);

    // Then
    assertThat(codes).isEqualTo(expected);
    assertThat(decoded.samples())
        .containsExactly(tiny.samples("mimi.utterance_1.decoded"), within(1e-4f));
  }

  @Test
  void takesTheFirstOfEqualEntries(@TempDir Path directory) throws IOException {
    // Given: codebooks in which every entry is the same
    Path source = TinyCheckpoint.ODD_DIRECTORY;
    Files.copy(source.resolve("config.json"), directory.resolve("config.json"));
    Files.copy(source.resolve("reference.safetensors"), directory.resolve("reference.safetensors"));
    List<StoredTensor> tensors =
        Checkpoint.open(source).tensors().values().stream()
            .map(tensor -> tensor.name().contains(".codebook.") ? ones(tensor) : tensor)
            .toList();
    SafetensorsWriter.write(directory.resolve("model.safetensors"), tensors);
    try (CodecFixture equal = new CodecFixture(directory, "reference.safetensors")) {
      // When
      AudioCodes codes = equal.encoder().encode(equal.clip("clip_16001"));

      // Then
      assertThat(codes.values()).containsOnly(0);
    }
  }

  private static StoredTensor ones(StoredTensor tensor) {
    ByteBuffer ones =
        ByteBuffer.allocate(Math.toIntExact(tensor.shape().size()) * Float.BYTES)
            .order(ByteOrder.LITTLE_ENDIAN);
    while (ones.hasRemaining()) {
      ones.putFloat(1);
    }
    ones.flip();
    return new StoredTensor(tensor.file(), tensor.name(), Dtype.F32, tensor.shape(), () -> ones);
  }

  @Test
  void servesSeveralThreadsAtOnce() {
    // Given
    AudioCodes expected = tiny.codes("mimi.utterance_1.codes");
    AudioClip clip = tiny.clip("utterance_1");

    // When
    List<AudioCodes> encoded =
        IntStream.range(0, 8)
            .parallel()
            .mapToObj(
                i -> {
                  tiny.decoder().decode(expected);
                  return tiny.encoder().encode(clip);
                })
            .toList();

    // Then
    assertThat(encoded).containsOnly(expected);
  }

  @Test
  void refusesAnEmptyClip() {
    assertThatThrownBy(() -> tiny.encoder().encode(new AudioClip(new float[0], 24_000)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the clip has no samples, must have at least one");
  }

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
  void refusesSamplesThatAreNotFinite(float sample) {
    assertThatThrownBy(() -> tiny.encoder().encode(new AudioClip(new float[] {0, sample}, 24_000)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("sample 1 of the clip is " + sample + ", must be a finite number");
  }

  @Test
  void refusesAnotherSampleRate() {
    assertThatThrownBy(() -> tiny.encoder().encode(new AudioClip(new float[1], 16_000)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the clip's sample rate is 16000 Hz, must be 24000 Hz");
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 64, 66})
  void refusesCodesOutsideTheCodebook(int code) {
    // Given
    int[] values = new int[16];
    values[11] = code;

    // Then
    assertThatThrownBy(() -> tiny.decoder().decode(new AudioCodes(8, values)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the code of codebook 3 in frame 1 is " + code + ", must be from 0 to 63");
  }

  @Test
  void refusesAnotherNumberOfCodebooks() {
    assertThatThrownBy(() -> tiny.decoder().decode(new AudioCodes(9, new int[9])))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the codes have 9 codebooks, must have 8");
  }

  @Test
  void refusesCodesWithoutFrames() {
    assertThatThrownBy(() -> tiny.decoder().decode(new AudioCodes(8, new int[0])))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the codes have no frames, must have at least one");
  }

  @Test
  void freesAllNativeMemory() {
    // Given
    long before = NativeMemory.openOwners();

    // When
    try (CodecFixture odd =
        new CodecFixture(TinyCheckpoint.ODD_DIRECTORY, "reference.safetensors")) {
      odd.decoder().decode(odd.encoder().encode(odd.clip("clip_997")));
    }

    // Then
    assertThat(NativeMemory.openOwners()).isEqualTo(before);
  }
}
