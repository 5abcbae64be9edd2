package dev.utter.speech.audio.decode;

import static dev.utter.speech.audio.WaveFile.buffer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.utter.speech.audio.AudioClip;
import dev.utter.speech.audio.AudioLimits;
import dev.utter.speech.audio.WaveFile;
import dev.utter.speech.audio.file.UnreadableAudioException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

final class WaveReaderTest {
  private final AudioDecoder decoder = new AudioDecoder(AudioLimits.DEFAULT);

  static Stream<Arguments> everySampleType() {
    return Stream.of(
        Arguments.of("8", new WaveFile().bits(8).data((byte) 192, (byte) 64)),
        Arguments.of(
            "16", new WaveFile().data(buffer(4).putShort((short) 16384).putShort((short) -16384))),
        Arguments.of(
            "24",
            new WaveFile()
                .bits(24)
                .data((byte) 0, (byte) 0, (byte) 64, (byte) 0, (byte) 0, (byte) -64)),
        Arguments.of(
            "32", new WaveFile().bits(32).data(buffer(8).putInt(1 << 30).putInt(-(1 << 30)))),
        Arguments.of(
            "float", new WaveFile().tag(3).bits(32).data(buffer(8).putFloat(0.5f).putFloat(-0.5f))),
        Arguments.of(
            "double",
            new WaveFile().tag(3).bits(64).data(buffer(16).putDouble(0.5).putDouble(-0.5))),
        Arguments.of(
            "extensible 16",
            new WaveFile()
                .extensible(1)
                .data(buffer(4).putShort((short) 16384).putShort((short) -16384))),
        Arguments.of(
            "extensible float",
            new WaveFile().extensible(3).bits(32).data(buffer(8).putFloat(0.5f).putFloat(-0.5f))),
        Arguments.of(
            "an odd chunk before",
            new WaveFile()
                .chunkBefore("LIST", (byte) 1, (byte) 2, (byte) 3)
                .bits(8)
                .data((byte) 192, (byte) 64)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("everySampleType")
  void readsEverySampleType(String name, WaveFile file) {
    assertThat(decoder.decode(file.bytes()))
        .isEqualTo(new AudioClip(new float[] {0.5f, -0.5f}, 24_000));
  }

  @Test
  void averagesTheChannels() {
    byte[] file =
        new WaveFile()
            .channels(3)
            .data(buffer(6).putShort((short) 3000).putShort((short) -6000).putShort((short) 9000))
            .bytes();

    assertThat(decoder.decode(file).samples()).containsExactly(2000 / 32768f);
  }

  static Stream<Arguments> hostileFiles() {
    byte[] whole = new WaveFile().bytes();
    return Stream.of(
        Arguments.of(new byte[0], "the file has 0 bytes"),
        Arguments.of(
            "Hello, I am a text.".getBytes(StandardCharsets.US_ASCII),
            "is none of the audio formats that are read"),
        Arguments.of("RIFF".getBytes(StandardCharsets.US_ASCII), "has 4 bytes"),
        Arguments.of("RIFFxxxxRMIDdata".getBytes(StandardCharsets.US_ASCII), "form is 'RMID'"),
        Arguments.of(Arrays.copyOf(whole, 20), "chunk 'fmt ' claims 16 bytes, the file has 0"),
        Arguments.of(Arrays.copyOf(whole, 30), "chunk 'fmt ' claims 16 bytes, the file has 10"),
        Arguments.of(Arrays.copyOf(whole, 36), "no 'data' chunk"),
        Arguments.of(
            Arrays.copyOf(whole, 48),
            "WAV is cut off at 0.000 s: 0.000 s can be decoded, 50 % of the recording"),
        Arguments.of(
            new WaveFile().chunkBefore("data", (byte) 1, (byte) 2).bytes(), "'data' comes before"),
        Arguments.of(
            new WaveFile().chunkBefore("fmt ", (byte) 1, (byte) 2).bytes(), "'fmt ' has 2 bytes"),
        Arguments.of(new WaveFile().data().bytes(), "'data' has 0 bytes"),
        Arguments.of(
            new WaveFile().data((byte) 1, (byte) 2, (byte) 3).bytes(), "must be a multiple of 2"),
        Arguments.of(new WaveFile().channels(0).bytes(), "channels is 0"),
        Arguments.of(new WaveFile().rate(0).bytes(), "sample rate is 0 Hz, must be 1000 to 192000"),
        Arguments.of(new WaveFile().rate(-1).bytes(), "sample rate is 2147483647 Hz"),
        Arguments.of(new WaveFile().rate(999).bytes(), "sample rate is 999"),
        Arguments.of(new WaveFile().rate(192_001).bytes(), "sample rate is 192001 Hz"),
        Arguments.of(new WaveFile().channels(65).data(new byte[130]).bytes(), "channels is 65"),
        Arguments.of(new WaveFile().bits(40).bytes(), "bits per sample is 40"),
        Arguments.of(new WaveFile().tag(3).bytes(), "bits per sample is 16, must be 32 or 64"),
        Arguments.of(new WaveFile().tag(0xFFFE).bytes(), "extensible one must have at least 40"),
        Arguments.of(new WaveFile().blockAlign(0).bytes(), "block align is 0, must be 2"),
        Arguments.of(
            new WaveFile().tag(3).bits(32).data(buffer(8).putFloat(1).putFloat(Float.NaN)).bytes(),
            "sample 1 is NaN"),
        Arguments.of(
            new WaveFile().tag(3).bits(64).data(buffer(8).putDouble(1e300)).bytes(),
            "sample 0 is Infinity"));
  }

  @ParameterizedTest(name = "{1}")
  @MethodSource("hostileFiles")
  void namesWhatIsWrong(byte[] file, String complaint) {
    assertThatThrownBy(() -> decoder.decode(file))
        .isInstanceOf(UnreadableAudioException.class)
        .hasMessageContaining(complaint);
  }

  @Test
  void refusesWhatIsLongerThanTheLimit() {
    AudioDecoder strict =
        new AudioDecoder(
            new AudioLimits(1000, Duration.ofMillis(1), Duration.ofSeconds(1), 1L << 30));

    assertThat(strict.decode(new WaveFile().data(new byte[48]).bytes()).samples()).hasSize(24);
    assertThatThrownBy(() -> strict.decode(new WaveFile().data(new byte[50]).bytes()))
        .isInstanceOf(UnreadableAudioException.class)
        .hasMessage("duration is 0.001 s, must be at most 0.001 s");
  }

  @Test
  void refusesWhatIsLargerThanTheLimit() {
    AudioDecoder strict =
        new AudioDecoder(
            new AudioLimits(51, Duration.ofMinutes(1), Duration.ofSeconds(1), 1L << 30));

    assertThatThrownBy(() -> strict.decode(new WaveFile().bytes()))
        .isInstanceOf(UnreadableAudioException.class)
        .hasMessage("the file has 52 bytes, must have at most 51");
  }
}
