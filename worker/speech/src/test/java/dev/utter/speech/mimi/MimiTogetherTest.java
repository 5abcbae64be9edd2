package dev.utter.speech.mimi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.utter.speech.AudioCodes;
import dev.utter.speech.checkpoint.TinyCheckpoint;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Attention for all clips at once, as on a GPU, against attention clip by clip. */
class MimiTogetherTest {

  private static final float ROUNDING = 1e-4f;

  /** Frames of each call: the caches are filled, and moved to their front, several times. */
  private static final int[] CALLS = {1, 3, 2, 7, 1, 25, 4, 30, 1, 1, 60, 2};

  /** Folders, and the name of a recording in their reference numbers. */
  static Stream<Arguments> checkpoints() {
    return Stream.of(
        Arguments.of(TinyCheckpoint.DIRECTORY, "utterance_1"),
        Arguments.of(TinyCheckpoint.ODD_DIRECTORY, "clip_16001"));
  }

  @ParameterizedTest
  @MethodSource("checkpoints")
  void givesTheSamplesOfClipByClipForClipsAtDifferentPositions(Path directory, String recording) {
    // Given: a new clip, one a frame further, and one beyond its window
    int[] begun = {0, 1, 140};
    try (CodecFixture byClip = new CodecFixture(directory, "reference.safetensors", false);
        CodecFixture together = new CodecFixture(directory, "reference.safetensors", true)) {
      // When
      List<float[]> expected = decode(byClip, recording, begun);
      List<float[]> decoded = decode(together, recording, begun);

      // Then
      for (int i = 0; i < expected.size(); i++) {
        assertThat(distance(decoded.get(i), expected.get(i))).as("clip %d", i).isLessThan(ROUNDING);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("checkpoints")
  void readsTheCodesOfClipByClip(Path directory, String recording) {
    // Given
    try (CodecFixture byClip = new CodecFixture(directory, "reference.safetensors", false);
        CodecFixture together = new CodecFixture(directory, "reference.safetensors", true)) {
      // When
      AudioCodes codes = together.encoder().encode(byClip.clip(recording));

      // Then
      assertThat(codes.values())
          .isEqualTo(byClip.encoder().encode(byClip.clip(recording)).values());
    }
  }

  private static List<float[]> decode(CodecFixture codec, String recording, int[] begun) {
    AudioCodes some = codec.codes("mimi." + recording + ".codes");
    List<MimiStream> streams = new ArrayList<>();
    try {
      List<float[]> samples = new ArrayList<>();
      for (int frames : begun) {
        MimiStream stream = codec.decoder().openStream();
        streams.add(stream);
        if (frames > 0) {
          codec.decoder().decode(List.of(stream), List.of(cycle(some, 0, frames)));
        }
        samples.add(new float[0]);
      }
      int at = 0;
      for (int frames : CALLS) {
        List<AudioCodes> codes = new ArrayList<>();
        for (int first : begun) {
          codes.add(cycle(some, first + at, frames));
        }
        List<float[]> next = codec.decoder().decode(streams, codes);
        for (int i = 0; i < begun.length; i++) {
          samples.set(i, MimiStreamTest.join(samples.get(i), next.get(i)));
        }
        at += frames;
      }
      return samples;
    } finally {
      streams.forEach(MimiStream::close);
    }
  }

  /** The largest difference. A million samples are too many for an assertion that lists them. */
  private static float distance(float[] some, float[] others) {
    assertThat(some).hasSameSizeAs(others);
    float distance = 0;
    for (int i = 0; i < some.length; i++) {
      distance = Math.max(distance, Math.abs(some[i] - others[i]));
    }
    return distance;
  }

  /** Frames from the given one on. The first one follows the last one. */
  private static AudioCodes cycle(AudioCodes codes, int from, int count) {
    int[] values = new int[count * codes.codebooks()];
    for (int i = 0; i < values.length; i++) {
      int all = codes.frames() * codes.codebooks();
      values[i] = codes.values()[(from * codes.codebooks() + i) % all];
    }
    return new AudioCodes(codes.codebooks(), values);
  }
}
