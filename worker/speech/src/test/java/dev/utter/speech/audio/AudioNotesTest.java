package dev.utter.speech.audio;

import static dev.utter.speech.audio.SampleFiles.LENGTH;
import static dev.utter.speech.audio.SampleFiles.RATE;
import static dev.utter.speech.audio.SampleFiles.encoded;
import static dev.utter.speech.audio.SampleFiles.joined;
import static dev.utter.speech.audio.SampleFiles.pcm16;
import static dev.utter.speech.audio.SampleFiles.tone;
import static dev.utter.speech.audio.SampleFiles.wav;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.utter.speech.audio.decode.AudioDecoder;
import dev.utter.speech.audio.encode.WaveWriter;
import dev.utter.speech.audio.file.UnreadableAudioException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The notes on a recording. */
final class AudioNotesTest {
  private final AudioDecoder decoder = new AudioDecoder(AudioLimits.DEFAULT);

  @Test
  void channelsThatCancelLeaveTheLouderOne() {
    // Given: the right channel is the left one, inverted and a little quieter
    ByteBuffer data = WaveFile.buffer(4 * LENGTH);
    for (float sample : tone().samples()) {
      short left = (short) (sample * 32768);
      data.putShort(left).putShort((short) (-left * 63 / 64));
    }

    // When
    Recording recording = read(new WaveFile().channels(2).data(data).bytes());

    // Then
    assertThat(recording.clip()).isEqualTo(tone());
    assertThat(recording.notes())
        .containsExactly(
            new AudioNote(
                AudioNote.Kind.CHANNELS_CANCEL,
                Duration.ZERO,
                "the channels cancel each other; channel 1 of 2 is used"));
  }

  @Test
  void channelsThatCancelInACompressedFileLeaveTheLouderOne() {
    byte[] file = encoded("flac", "-af pan=stereo|c0=c0|c1=-1*c0 -c:a flac");

    Recording recording = read(file);

    assertThat(recording.clip()).isEqualTo(tone());
    assertThat(recording.notes())
        .extracting(AudioNote::kind)
        .containsExactly(AudioNote.Kind.CHANNELS_CANCEL);
  }

  @Test
  void aSilentChannelIsAveragedAsTheReferenceDoes() {
    byte[] file = encoded("wav", "-af pan=stereo|c0=c0 -c:a pcm_f32le");

    Recording recording = read(file);

    assertThat(recording.clip().samples()[1234]).isEqualTo(tone().samples()[1234] / 2);
    assertThat(recording.notes()).isEmpty();
  }

  @Test
  void silenceIsReported() {
    assertThat(read(new WaveFile().data(new byte[2 * LENGTH]).bytes()).notes())
        .containsExactly(
            new AudioNote(AudioNote.Kind.SILENCE, Duration.ZERO, "the whole recording is silent"));
    byte[] longPause = new WaveFile().data(joined(pcm16().array(), new byte[5 * 2 * RATE])).bytes();
    assertThat(read(longPause).notes())
        .containsExactly(
            new AudioNote(
                AudioNote.Kind.SILENCE,
                Duration.ofSeconds(2),
                "5.0 s of the recording are silent"));
  }

  @Test
  void clippingIsReported() {
    byte[] loud = encoded("wav", "-af volume=20dB");

    assertThat(read(loud).notes())
        .singleElement()
        .returns(AudioNote.Kind.CLIPPED, AudioNote::kind)
        .satisfies(
            note -> assertThat(note.message()).matches("the recording is clipped in \\d+ places"));
  }

  @Test
  void floatsBeyondTheRangeAreReported() {
    Recording recording = read(floats(3));

    assertThat(recording.notes())
        .singleElement()
        .returns(AudioNote.Kind.OUT_OF_RANGE, AudioNote::kind)
        .satisfies(
            note ->
                assertThat(note.message())
                    .isEqualTo("samples go up to 1.26, beyond the range of -1 to 1"));
    assertThat(recording.clip().samples()[777]).isEqualTo(tone().samples()[777] * 3);
  }

  @Test
  void sixteenBitNumbersInFloatsAreBroughtIntoTheRange() {
    Recording recording = read(floats(32768));

    assertThat(recording.clip()).isEqualTo(tone());
    assertThat(recording.notes())
        .extracting(AudioNote::kind)
        .containsExactly(AudioNote.Kind.OUT_OF_RANGE);
  }

  @Test
  void floatsThatCanBeNoSoundAreRefused() {
    assertThatThrownBy(() -> decoder.decode(floats(1e30f)))
        .isInstanceOf(UnreadableAudioException.class)
        .hasMessageContaining("must be from -1 to 1");
    assertThatThrownBy(() -> decoder.decode(floats(100)))
        .isInstanceOf(UnreadableAudioException.class)
        .hasMessageContaining("must be from -1 to 1");
  }

  static Stream<Arguments> joinedFiles() {
    byte[] flac = encoded("flac", "-c:a flac");
    byte[] mp3 = encoded("mp3", "-c:a libmp3lame");
    byte[] tagged = joined(SampleFiles.id3(new byte[40]), mp3, SampleFiles.id3v1());
    byte[] opus = encoded("opus", "-c:a libopus");
    byte[] other = encoded("opus", "-c:a libopus -serial_offset 5");
    byte[] piped = encoded("pipe.wav", "-f wav");
    return Stream.of(
        Arguments.of("WAV", joined(wav(), wav())),
        Arguments.of("WAV without sizes", joined(piped, piped)),
        Arguments.of("FLAC", joined(flac, flac)),
        Arguments.of("MP3", joined(mp3, mp3)),
        Arguments.of("MP3 with tags", joined(tagged, tagged)),
        Arguments.of("Ogg of one serial number", joined(opus, opus)),
        Arguments.of("Ogg of two serial numbers", joined(opus, other)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("joinedFiles")
  void severalRecordingsInOneFileAreJoined(String name, byte[] file) {
    Recording recording = read(file);

    AudioClip clip = recording.clip();
    assertThat(clip.duration()).isEqualTo(Duration.ofSeconds(4));
    int half = clip.length() / 2;
    assertThat(Arrays.copyOfRange(clip.samples(), half, clip.length()))
        .usingComparatorWithPrecision(0.02f)
        .containsExactly(Arrays.copyOf(clip.samples(), half));
    assertThat(recording.notes())
        .containsExactly(
            new AudioNote(
                AudioNote.Kind.SEVERAL_FILES,
                Duration.ofSeconds(2),
                "another recording begins at 2.000 s in the file"));
  }

  @Test
  void recordingsOfDifferentRatesInOneFileAreRefused() {
    byte[] other = WaveWriter.pcm16(tone(16_000));

    assertThatThrownBy(() -> decoder.decode(joined(wav(), other)))
        .isInstanceOf(UnreadableAudioException.class)
        .hasMessageContaining("one at 24000 Hz with 1 channels, another at 16000 Hz with 1");
  }

  private Recording read(byte[] file) {
    return decoder.decode(file, DecodeOptions.ownRate());
  }

  private static byte[] floats(float factor) {
    ByteBuffer data = WaveFile.buffer(4 * LENGTH);
    for (float sample : tone().samples()) {
      data.putFloat(sample * factor);
    }
    return new WaveFile().tag(3).bits(32).data(data).bytes();
  }
}
