package dev.utter.speech.mimi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.utter.speech.AudioCodes;
import dev.utter.speech.checkpoint.TinyCheckpoint;
import dev.utter.speech.torch.NativeMemory;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MimiStreamsTest {

  private final CodecFixture tiny =
      new CodecFixture(TinyCheckpoint.DIRECTORY, "reference.safetensors");
  private final AudioCodes codes = tiny.codes("mimi.utterance_1.codes");
  private final float[] expected = tiny.samples("mimi.utterance_1.decoded");
  private MimiStreams streams;

  @BeforeEach
  void open() {
    streams = tiny.decoder().openStreams(3);
  }

  @AfterEach
  void close() {
    streams.close();
    tiny.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5})
  void yieldWhatDecodingAtOnceYields(int framesPerCall) {
    // When
    float[] decoded = decode(streams, 1, codes, framesPerCall);

    // Then
    assertThat(decoded).containsExactly(expected, within(1e-4f));
  }

  @Test
  void lookBackOverMoreThanAWindow() {
    // Given: 267 frames, 534 positions, a window of 7
    Path directory = TinyCheckpoint.ODD_DIRECTORY;
    try (CodecFixture odd = new CodecFixture(directory, "reference.safetensors");
        MimiStreams one = odd.decoder().openStreams(1)) {
      // When
      float[] decoded = decode(one, 0, odd.codes("mimi.clip_16001.codes"), 1);

      // Then
      assertThat(decoded).containsExactly(odd.samples("mimi.clip_16001.decoded"), within(1e-4f));
    }
  }

  @Test
  void areIndependentOfTheirNeighbours() {
    // Given: slot 0 is three frames ahead of slot 2
    AudioCodes other = tiny.codes("mimi.utterance_0.codes");
    streams.decode(Map.of(0, frames(other, 0, 3)));

    // When
    float[] decoded = new float[0];
    for (int frame = 0; frame < 10; frame++) {
      Map<Integer, float[]> samples =
          streams.decode(
              Map.of(0, frames(other, frame + 3, frame + 4), 2, frames(codes, frame, frame + 1)));
      decoded = join(decoded, samples.get(2));
    }

    // Then
    assertThat(decoded).containsExactly(Arrays.copyOf(expected, decoded.length), within(1e-4f));
  }

  @Test
  void beginAgainAfterAReset() {
    // Given
    streams.decode(Map.of(0, frames(codes, 5, 9), 1, frames(codes, 0, 4)));

    // When
    streams.reset(0);
    float[] first = streams.decode(Map.of(0, frames(codes, 0, 2))).get(0);
    float[] second = streams.decode(Map.of(1, frames(codes, 4, 6))).get(1);

    // Then
    assertThat(first).containsExactly(Arrays.copyOf(expected, 2 * 1920), within(1e-4f));
    assertThat(second)
        .containsExactly(Arrays.copyOfRange(expected, 4 * 1920, 6 * 1920), within(1e-4f));
  }

  @Test
  void refuseASlotThatIsNotThere() {
    assertThatThrownBy(() -> streams.decode(Map.of(3, frames(codes, 0, 1))))
        .isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> streams.reset(-1)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void refuseDifferentNumbersOfFrames() {
    assertThatThrownBy(() -> streams.decode(Map.of(0, frames(codes, 0, 1), 1, frames(codes, 0, 2))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("slot 1 has 2 frames, must have 1 as others");
  }

  @Test
  void freeTheirNativeMemory() {
    // Given
    long before = NativeMemory.openOwners();

    // When
    try (MimiStreams more = tiny.decoder().openStreams(1)) {
      more.decode(Map.of(0, frames(codes, 0, 1)));
    }

    // Then
    assertThat(NativeMemory.openOwners()).isEqualTo(before);
  }

  private static float[] decode(MimiStreams streams, int slot, AudioCodes codes, int step) {
    float[] decoded = new float[0];
    for (int frame = 0; frame < codes.frames(); frame += step) {
      AudioCodes part = frames(codes, frame, Math.min(frame + step, codes.frames()));
      decoded = join(decoded, streams.decode(Map.of(slot, part)).get(slot));
    }
    return decoded;
  }

  private static AudioCodes frames(AudioCodes codes, int from, int to) {
    int codebooks = codes.codebooks();
    return new AudioCodes(
        codebooks, Arrays.copyOfRange(codes.values(), from * codebooks, to * codebooks));
  }

  private static float[] join(float[] first, float[] second) {
    float[] joined = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, joined, first.length, second.length);
    return joined;
  }
}
