package dev.utter.speech.audio;

import static dev.utter.speech.audio.WatermarkReference.clip;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.utter.speech.audio.decode.AudioDecoder;
import dev.utter.speech.audio.encode.AudioEncoder;
import dev.utter.speech.audio.file.UnreadableAudioException;
import dev.utter.speech.audio.resample.Resampler;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class CompressedAudioTest {
  private final AudioEncoder encoder = new AudioEncoder(AudioLimits.DEFAULT);
  private final AudioDecoder decoder = new AudioDecoder(AudioLimits.DEFAULT);

  @Test
  void flacComesBackAsTheSixteenBitsItWas() {
    AudioClip clip = clip("utterance_0.input");

    AudioClip back = decoder.decode(encoder.encode(clip, FileFormat.FLAC));

    assertThat(back).isEqualTo(decoder.decode(encoder.encode(clip, FileFormat.WAV_PCM16)));
  }

  @ParameterizedTest
  @CsvSource({
    "MP3,24000,24000,0.02",
    "MP3,44100,44100,0.02",
    "MP3,30000,32000,0.02",
    "OGG_OPUS,24000,48000,0.05",
    "OGG_OPUS,48000,48000,0.05",
    "OGG_OPUS,44100,48000,0.05"
  })
  void lossyFormatsKeepTheExactLengthAndPlace(
      FileFormat format, int rate, int decodedRate, double tolerance) {
    AudioClip tone = tone(rate, rate + 1234);

    AudioClip back = decoder.decode(encoder.encode(tone, format));

    AudioClip expected = Resampler.resample(tone, decodedRate);
    assertThat(back.sampleRate()).isEqualTo(decodedRate);
    assertThat(back.samples()).hasSameSizeAs(expected.samples());
    assertThat(rootMeanSquareDifference(back, expected)).isLessThan(tolerance);
  }

  @ParameterizedTest
  @ValueSource(ints = {575, 576, 577, 1152, 1153, 1440, 1727, 1728, 1729, 1920, 2305, 3840})
  void anMp3KeepsItsLengthWhereverItsLastFrameBegins(int length) {
    AudioClip tone = tone(24_000, length);

    assertThat(decoder.decode(encoder.encode(tone, FileFormat.MP3)).samples()).hasSize(length);
  }

  @ParameterizedTest
  @EnumSource(value = FileFormat.class, mode = EnumSource.Mode.EXCLUDE, names = "MP3")
  void oneSampleIsEnough(FileFormat format) {
    AudioClip click = new AudioClip(new float[] {0.25f}, 24_000);

    AudioClip back = decoder.decode(encoder.encode(click, format));

    assertThat(back.samples()).hasSize(back.sampleRate() / 24_000);
  }

  @ParameterizedTest
  @EnumSource(FileFormat.class)
  void theSameClipGivesTheSameBytes(FileFormat format) {
    AudioClip clip = clip("codec.input");

    assertThat(encoder.encode(clip, format)).isEqualTo(encoder.encode(clip, format));
  }

  @ParameterizedTest
  @EnumSource(FileFormat.class)
  void whatCannotBeSoundIsNotEncoded(FileFormat format) {
    assertThatThrownBy(() -> encoder.encode(new AudioClip(new float[0], 24_000), format))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("0 samples");
    float[] broken = {0, Float.NaN};
    assertThatThrownBy(() -> encoder.encode(new AudioClip(broken, 24_000), format))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("sample 1 is NaN");
  }

  static Stream<Arguments> damagedFiles() {
    AudioEncoder encoder = new AudioEncoder(AudioLimits.DEFAULT);
    AudioClip clip = clip("codec.input");
    byte[] flac = encoder.encode(clip, FileFormat.FLAC);
    byte[] opus = encoder.encode(clip, FileFormat.OGG_OPUS);
    byte[] mp3 = encoder.encode(clip, FileFormat.MP3);
    return Stream.of(
        Arguments.of("cut FLAC", Arrays.copyOf(flac, flac.length / 2)),
        Arguments.of("FLAC magic only", Arrays.copyOf(flac, 4)),
        Arguments.of("FLAC header only", Arrays.copyOf(flac, 42)),
        Arguments.of("scrambled FLAC", scrambled(flac, 200)),
        Arguments.of("Ogg header only", Arrays.copyOf(opus, 50)),
        Arguments.of("scrambled Opus header", scrambled(opus, 30)),
        Arguments.of("MP3 magic only", Arrays.copyOf(mp3, 4)),
        Arguments.of("MP3 that is text", "ID3, says the text".getBytes(StandardCharsets.US_ASCII)),
        Arguments.of("scrambled MP3", scrambled(mp3, 4)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("damagedFiles")
  void damagedFilesAreRefused(String name, byte[] file) {
    assertThatThrownBy(() -> decoder.decode(file)).isInstanceOf(UnreadableAudioException.class);
  }

  @Test
  void aSmallFileOfLongSilenceStopsAtTheLimit() {
    byte[] silence = encoder.encode(new AudioClip(new float[24_000 * 60], 24_000), FileFormat.FLAC);
    AudioDecoder strict =
        new AudioDecoder(
            new AudioLimits(1 << 20, Duration.ofSeconds(59), Duration.ofSeconds(20), 1L << 30));

    assertThat(silence.length).isLessThan(20_000);
    assertThatThrownBy(() -> strict.decode(silence))
        .isInstanceOf(UnreadableAudioException.class)
        .hasMessageContaining("duration is more than 59.000 s");
  }

  @Test
  void aPlaylistNamedMp3ReadsNoLocalFile(@TempDir Path folder) throws Exception {
    Path secret = Files.write(folder.resolve("secret.wav"), new WaveFile().bytes());
    String playlist = "ID3\n#EXTM3U\n#EXTINF:1,\nfile://" + secret + "\n#EXT-X-ENDLIST\n";

    assertThatThrownBy(() -> decoder.decode(playlist.getBytes(StandardCharsets.US_ASCII)))
        .isInstanceOf(UnreadableAudioException.class);
  }

  private static byte[] scrambled(byte[] file, int from) {
    byte[] copy = file.clone();
    Random random = new Random(3);
    for (int i = from; i < copy.length; i++) {
      copy[i] = (byte) random.nextInt(128);
    }
    return copy;
  }

  private static AudioClip tone(int rate, int length) {
    float[] samples = new float[length];
    for (int i = 0; i < length; i++) {
      samples[i] = (float) (0.5 * Math.sin(2 * Math.PI * (300 + 200.0 * i / length) * i / rate));
    }
    return new AudioClip(samples, rate);
  }

  private static double rootMeanSquareDifference(AudioClip a, AudioClip b) {
    double sum = 0;
    for (int i = 0; i < a.samples().length; i++) {
      double difference = a.samples()[i] - b.samples()[i];
      sum += difference * difference;
    }
    return Math.sqrt(sum / a.samples().length);
  }
}
