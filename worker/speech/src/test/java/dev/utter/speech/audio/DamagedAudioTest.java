package dev.utter.speech.audio;

import static dev.utter.speech.audio.SampleFiles.cut;
import static dev.utter.speech.audio.SampleFiles.damaged;
import static dev.utter.speech.audio.SampleFiles.encoded;
import static dev.utter.speech.audio.SampleFiles.wav;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.utter.speech.audio.decode.AudioDecoder;
import dev.utter.speech.audio.file.AudioFile;
import dev.utter.speech.audio.file.UnreadableAudioException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.stream.Stream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** One rule for damaged files of all formats. */
final class DamagedAudioTest {
  private static final AudioDecoder DECODER = new AudioDecoder(AudioLimits.DEFAULT);
  private static final DecodeOptions TOLERANT = DecodeOptions.ownRate().tolerant(true);

  static Stream<Arguments> cutFiles() {
    return Stream.of(
            Arguments.of("WAV", wav()),
            Arguments.of("WAV u-law", encoded("wav", "-c:a pcm_mulaw")),
            Arguments.of("WAV ADPCM", encoded("wav", "-c:a adpcm_ms")),
            Arguments.of("RF64", encoded("wav", "-rf64 always")),
            Arguments.of("Wave64", encoded("w64", "-c:a pcm_s16le")),
            Arguments.of("AIFF", encoded("aiff", "-c:a pcm_s16be")),
            Arguments.of("CAF", encoded("caf", "-c:a pcm_s16be")),
            Arguments.of("AU", encoded("au", "-c:a pcm_s16be")),
            Arguments.of("NIST", SampleFiles.nist()),
            Arguments.of("FLAC", encoded("flac", "-c:a flac")),
            Arguments.of("MP3", encoded("mp3", "-c:a libmp3lame")),
            Arguments.of("MP3 without a header", encoded("mp3", "-c:a libmp3lame -write_xing 0")),
            Arguments.of("MP2", encoded("mp2", "-c:a mp2")),
            Arguments.of("Ogg Opus", encoded("opus", "-c:a libopus -page_duration 100000")),
            Arguments.of("Ogg FLAC", encoded("ogg", "-c:a flac -page_duration 100000")),
            Arguments.of("WebM", encoded("webm", "-c:a libopus")),
            Arguments.of("Matroska", encoded("mka", "-c:a flac")),
            Arguments.of("M4A, index first", encoded("m4a", "-c:a aac -movflags +faststart")),
            Arguments.of(
                "MP4 in fragments",
                encoded("mp4", "-c:a aac -frag_duration 200000 -movflags empty_moov")),
            Arguments.of("AAC", encoded("aac", "-c:a aac")),
            Arguments.of("AMR", encoded("amr", "-ar 8000 -c:a libopencore_amrnb")),
            Arguments.of("WMA", encoded("wma", "-c:a wmav2")),
            Arguments.of("True Audio", encoded("tta", "-c:a tta")))
        .map(file -> Arguments.of(file.get()[0], cut((byte[]) file.get()[1])));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cutFiles")
  void aCutFileIsRefusedWithThePositionAndTheShare(String name, byte[] file) {
    assertThatThrownBy(() -> DECODER.decode(file))
        .hasMessageMatching(
            "\\S.* (is cut off|is damaged|ends in the middle of a (frame|page)"
                + "|ends without its last page) at [012]\\.\\d{3} s: [012]\\.\\d{3} s can be decoded,"
                + " (\\d+ % of the recording|how much is missing is not known)")
        .asInstanceOf(InstanceOfAssertFactories.type(UnreadableAudioException.class))
        .returns(true, UnreadableAudioException::isDamaged);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cutFiles")
  void aCutFileIsTakenAsFarAsItGoesWhereThatIsWanted(String name, byte[] file) {
    Recording recording = DECODER.decode(file, TOLERANT);

    assertThat(recording.clip().duration())
        .isBetween(Duration.ofMillis(900), Duration.ofMillis(1600));
    assertThat(recording.notes())
        .singleElement()
        .returns(AudioNote.Kind.DAMAGED, AudioNote::kind)
        .extracting(AudioNote::message, InstanceOfAssertFactories.STRING)
        .contains("s can be decoded");
  }

  static Stream<Arguments> damagedFiles() {
    return Stream.of(
            Arguments.of("FLAC", encoded("flac", "-c:a flac")),
            Arguments.of("MP3", encoded("mp3", "-c:a libmp3lame")),
            Arguments.of("Ogg Opus", encoded("opus", "-c:a libopus -page_duration 100000")),
            Arguments.of("M4A", encoded("m4a", "-c:a aac")),
            Arguments.of("AAC", encoded("aac", "-c:a aac")),
            Arguments.of("True Audio", encoded("tta", "-c:a tta")),
            Arguments.of("Ogg Vorbis", encoded("ogg", "-c:a vorbis -strict -2 -ac 2 -b:a 200k")))
        .map(file -> Arguments.of(file.get()[0], damaged((byte[]) file.get()[1])));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("damagedFiles")
  void aDamagedFileIsRefusedWithThePosition(String name, byte[] file) {
    assertThatThrownBy(() -> DECODER.decode(file))
        .isInstanceOf(UnreadableAudioException.class)
        .hasMessageMatching(
            "\\S.* is damaged at [012]\\.\\d{3} s: [012]\\.\\d{3} s can be decoded, .*");
    assertThat(DECODER.decode(file, TOLERANT).notes())
        .extracting(AudioNote::kind)
        .containsExactly(AudioNote.Kind.DAMAGED);
  }

  @Test
  void theShareIsThatOfTheSamplesAnnounced() {
    byte[] wav = wav();

    assertThatThrownBy(() -> DECODER.decode(Arrays.copyOf(wav, 44 + 24_000)))
        .hasMessage("WAV is cut off at 0.500 s: 0.500 s can be decoded, 25 % of the recording");
  }

  @Test
  void anMp4WithoutItsIndexHoldsNothingToTake() {
    byte[] cut = cut(encoded("m4a", "-c:a aac"));

    assertThatThrownBy(() -> DECODER.decode(cut, TOLERANT))
        .isInstanceOf(UnreadableAudioException.class)
        .hasMessage("MP4 cannot be decoded: moov atom not found");
  }

  @Test
  @Timeout(60)
  void aFrameWithoutALengthInTheMiddleEndsTheSearch() {
    // Given: frames of 417 bytes, and one of the free format behind them
    byte[] frame = new byte[417];
    System.arraycopy(new byte[] {(byte) 0xff, (byte) 0xfb, (byte) 0x90, 0x64}, 0, frame, 0, 4);
    byte[] free = frame.clone();
    free[2] = 0;

    // Then
    assertThat(AudioFile.parts(SampleFiles.joined(frame, frame, frame, frame, frame, free)))
        .hasSize(1);
  }

  @Test
  void manyRecordingsInOneFileAreRefusedBeforeAnyIsDecoded() {
    // Given: each would be a run of the decoder program
    byte[] file = SampleFiles.joined(Collections.nCopies(33, wav()).toArray(byte[][]::new));

    // Then
    assertThatThrownBy(() -> DECODER.decode(file))
        .isInstanceOf(UnreadableAudioException.class)
        .hasMessageContaining("33 recordings, must have at most 32");
  }

  @Test
  void anOggFileThatEndsAtAPageIsStillCut() {
    byte[] opus = encoded("opus", "-c:a libopus -page_duration 100000");
    int lastPage = new String(opus, StandardCharsets.ISO_8859_1).lastIndexOf("OggS");

    assertThatThrownBy(() -> DECODER.decode(Arrays.copyOf(opus, lastPage)))
        .isInstanceOf(UnreadableAudioException.class)
        .hasMessageContaining("Ogg ends without its last page at 1.9");
  }
}
