package dev.utter.speech.mimi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.utter.speech.AudioCodes;
import dev.utter.speech.checkpoint.Checkpoint;
import dev.utter.speech.checkpoint.TinyCheckpoint;
import dev.utter.speech.torch.NativeMemory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MimiStreamTest {

  private final CodecFixture tiny =
      new CodecFixture(TinyCheckpoint.DIRECTORY, "reference.safetensors");
  private final AudioCodes codes = tiny.codes("mimi.utterance_1.codes");
  private final float[] expected = tiny.samples("mimi.utterance_1.decoded");
  private final List<MimiStream> streams = new ArrayList<>();

  @BeforeEach
  void open() {
    for (int i = 0; i < 3; i++) {
      streams.add(tiny.decoder().openStream());
    }
  }

  @AfterEach
  void close() {
    streams.forEach(MimiStream::close);
    tiny.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7, 1000})
  void yieldsWhatDecodingAtOnceYields(int framesPerCall) {
    // When
    float[] decoded = decode(tiny, streams.get(1), codes, framesPerCall);

    // Then
    assertThat(decoded).containsExactly(expected, within(1e-4f));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7, 150})
  void looksBackOverMoreThanAWindow(int framesPerCall) {
    // Given: 267 frames, 534 positions, a window of 7
    try (CodecFixture odd =
            new CodecFixture(TinyCheckpoint.ODD_DIRECTORY, "reference.safetensors");
        MimiStream one = odd.decoder().openStream()) {
      // When
      float[] decoded = decode(odd, one, odd.codes("mimi.clip_16001.codes"), framesPerCall);

      // Then
      assertThat(decoded).containsExactly(odd.samples("mimi.clip_16001.decoded"), within(1e-4f));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void isIndependentOfNeighboursAtOtherPositions(int framesPerCall) {
    // Given: one stream is three frames ahead, another far behind
    AudioCodes other = tiny.codes("mimi.utterance_0.codes");
    tiny.decoder().decode(streams.subList(0, 1), List.of(frames(other, 0, 3)));
    float[] decoded = new float[0];

    // When
    for (int frame = 0; frame < codes.frames(); frame += framesPerCall) {
      int to = Math.min(frame + framesPerCall, codes.frames());
      AudioCodes behind = frames(other, 0, to - frame);
      AudioCodes ahead = frames(other, 3, 3 + to - frame);
      streams.get(1).reset();
      decoded =
          join(
              decoded,
              tiny.decoder()
                  .decode(streams, List.of(ahead, behind, frames(codes, frame, to)))
                  .get(2));
    }

    // Then
    assertThat(decoded).containsExactly(expected, within(1e-4f));
  }

  @Test
  void beginsAgainAfterAReset() {
    // Given
    tiny.decoder().decode(streams.subList(0, 2), List.of(frames(codes, 5, 9), frames(codes, 0, 4)));

    // When
    streams.get(0).reset();
    float[] first = decode(tiny, streams.get(0), frames(codes, 0, 2), 2);
    float[] second = decode(tiny, streams.get(1), frames(codes, 4, 6), 2);

    // Then
    assertThat(first).containsExactly(Arrays.copyOf(expected, 2 * 1920), within(1e-4f));
    assertThat(second)
        .containsExactly(Arrays.copyOfRange(expected, 4 * 1920, 6 * 1920), within(1e-4f));
  }

  @Test
  void refusesDifferentNumbersOfFrames() {
    assertThatThrownBy(
            () ->
                tiny.decoder()
                    .decode(
                        streams.subList(0, 2), List.of(frames(codes, 0, 1), frames(codes, 0, 2))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("one stream has 1 frames and another 2, must have the same number");
  }

  @Test
  void refusesMoreStreamsThanCodes() {
    assertThatThrownBy(() -> tiny.decoder().decode(streams, List.of(frames(codes, 0, 1))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "there are 3 streams and 1 pieces of codes, must be as many of both and at least one");
    assertThatThrownBy(() -> tiny.decoder().decode(List.of(), List.of()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void refusesToBeInACallTwice() {
    // Given
    AudioCodes frame = frames(codes, 0, 1);
    MimiStream stream = streams.get(0);

    // When / Then
    assertThatThrownBy(() -> tiny.decoder().decode(List.of(stream, stream), List.of(frame, frame)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a stream is there twice, must be there once");
  }

  @Test
  void takesTheMemoryThatItsSizesSay() {
    for (Path directory : List.of(TinyCheckpoint.DIRECTORY, TinyCheckpoint.ODD_DIRECTORY)) {
      // Given
      try (CodecFixture codec = new CodecFixture(directory, "reference.safetensors");
          MimiStream stream = codec.decoder().openStream()) {
        // When
        long bytes = MimiStream.bytes(Checkpoint.open(directory).config().codec());

        // Then
        assertThat(bytes)
            .isEqualTo(
                stream.state().stream()
                    .mapToLong(entry -> entry.size() * entry.getDataType().getNumOfBytes())
                    .sum());
      }
    }
  }

  @Test
  void freesItsNativeMemory() {
    // Given
    long before = NativeMemory.openOwners();

    // When
    try (MimiStream more = tiny.decoder().openStream()) {
      decode(tiny, more, frames(codes, 0, 1), 1);
    }

    // Then
    assertThat(NativeMemory.openOwners()).isEqualTo(before);
  }

  private static float[] decode(CodecFixture codec, MimiStream stream, AudioCodes codes, int step) {
    float[] decoded = new float[0];
    for (int frame = 0; frame < codes.frames(); frame += step) {
      AudioCodes part = frames(codes, frame, Math.min(frame + step, codes.frames()));
      decoded = join(decoded, codec.decoder().decode(List.of(stream), List.of(part)).get(0));
    }
    return decoded;
  }

  static AudioCodes frames(AudioCodes codes, int from, int to) {
    int codebooks = codes.codebooks();
    return new AudioCodes(
        codebooks, Arrays.copyOfRange(codes.values(), from * codebooks, to * codebooks));
  }

  static float[] join(float[] first, float[] second) {
    float[] joined = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, joined, first.length, second.length);
    return joined;
  }
}
