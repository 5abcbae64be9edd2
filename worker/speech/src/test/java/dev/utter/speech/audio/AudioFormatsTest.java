package dev.utter.speech.audio;

import static dev.utter.speech.audio.SampleFiles.LENGTH;
import static dev.utter.speech.audio.SampleFiles.RATE;
import static dev.utter.speech.audio.SampleFiles.ascii;
import static dev.utter.speech.audio.SampleFiles.encoded;
import static dev.utter.speech.audio.SampleFiles.id3;
import static dev.utter.speech.audio.SampleFiles.id3v1;
import static dev.utter.speech.audio.SampleFiles.joined;
import static dev.utter.speech.audio.SampleFiles.pcm16;
import static dev.utter.speech.audio.SampleFiles.replaced;
import static dev.utter.speech.audio.SampleFiles.tone;
import static dev.utter.speech.audio.SampleFiles.wav;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.utter.speech.audio.decode.AudioDecoder;
import dev.utter.speech.audio.file.UnreadableAudioException;
import dev.utter.speech.audio.resample.Resampler;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Usual kinds of files, each with the samples it must give. */
final class AudioFormatsTest {
  private static final AudioDecoder DECODER = new AudioDecoder(AudioLimits.DEFAULT);

  static Stream<Arguments> losslessFiles() {
    byte[] flac = encoded("flac", "-c:a flac");
    byte[] wav = wav();
    return Stream.of(
        of("WAV", wav),
        of("WAV of size 0xFFFFFFFF", placeholder(0xFFFFFFFFL)),
        of("WAV of size 0x7FFFFFFF", placeholder(0x7FFFFFFFL)),
        of("WAV of size 0x7FFFF000", placeholder(0x7FFFF000L)),
        of("WAV of size 0", placeholder(0)),
        of("WAV piped by ffmpeg", encoded("pipe.wav", "-f wav")),
        of(
            "WAV of size 0xFFFFFFFF, ending in mid-sample",
            joined(placeholder(0xFFFFFFFFL), new byte[1])),
        of("WAV behind ID3v2", joined(id3(new byte[200]), wav)),
        of("WAV behind two ID3v2", joined(id3(new byte[200]), id3(new byte[7]), wav)),
        of("WAV before ID3v1", joined(wav, id3v1())),
        of("WAV with an odd chunk without its pad byte", withoutPad(wav)),
        of("WAV with a LIST behind", joined(wav, ascii("LIST\12\0\0\0INFOISFT\0\0"))),
        of(
            "WAV with bext",
            new WaveFile().chunkBefore("bext", new byte[603]).data(pcm16()).bytes()),
        of("WAV with iXML", new WaveFile().chunkBefore("iXML", new byte[11]).data(pcm16()).bytes()),
        of("WAV, extensible", new WaveFile().extensible(1).data(pcm16()).bytes()),
        of("WAV of 24 bits", encoded("wav", "-c:a pcm_s24le")),
        of("WAV of 24 bits in 32", in32()),
        of("WAV of 32 bits", encoded("wav", "-c:a pcm_s32le")),
        of("WAV of floats", encoded("wav", "-c:a pcm_f32le")),
        of("WAV of doubles", encoded("wav", "-c:a pcm_f64le")),
        of("WAV, stereo", encoded("wav", "-ac 2 -af pan=stereo|c0=c0|c1=c0")),
        of("WAV, 6 channels", encoded("wav", "-af pan=5.1|c0=c0|c1=c0|c2=c0|c3=c0|c4=c0|c5=c0")),
        of("RF64", encoded("wav", "-rf64 always")),
        of("BW64", replaced(encoded("wav", "-rf64 always"), 0, ascii("BW64"))),
        of("RIFX", rifx()),
        of("Wave64", encoded("w64", "-c:a pcm_s16le")),
        of("Wave64 of 24 bits", encoded("w64", "-c:a pcm_s24le")),
        of("AIFF", encoded("aiff", "-c:a pcm_s16be")),
        of("AIFF of 24 bits", encoded("aiff", "-c:a pcm_s24be")),
        of("AIFF-C, little-endian", encoded("aiff", "-c:a pcm_s16le")),
        of("AIFF-C of floats", encoded("aiff", "-c:a pcm_f32be")),
        of("CAF", encoded("caf", "-c:a pcm_s16be")),
        of("CAF of floats", encoded("caf", "-c:a pcm_f32le")),
        of("AU", encoded("au", "-c:a pcm_s16be")),
        of("AU piped", encoded("pipe.au", "-c:a pcm_f32be -f au")),
        of("NIST SPHERE", SampleFiles.nist()),
        of("FLAC", flac),
        of("FLAC of 24 bits", encoded("flac", "-c:a flac -sample_fmt s32 -strict -2")),
        of("FLAC of unknown length", unknownLength(flac)),
        of("FLAC behind ID3v2", joined(id3(new byte[500]), flac)),
        of("FLAC before ID3v1", joined(flac, id3v1())),
        of("FLAC with a picture", withPicture(flac)),
        of("Ogg FLAC", encoded("ogg", "-c:a flac")),
        of("Matroska FLAC", encoded("mka", "-c:a flac")),
        of("Matroska PCM", encoded("mka", "-c:a pcm_s16le")),
        of("M4A ALAC", encoded("m4a", "-c:a alac")),
        of("MOV PCM", encoded("mov", "-c:a pcm_s16be")),
        of("AVI PCM", encoded("avi", "-c:a pcm_s16le")),
        of("WavPack", encoded("wv", "-c:a wavpack")),
        of("True Audio", encoded("tta", "-c:a tta")),
        of("VOC", encoded("voc", "-c:a pcm_s16le")));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("losslessFiles")
  void losslessFilesGiveTheirSamples(String name, byte[] file) {
    Recording recording = DECODER.decode(file, DecodeOptions.ownRate());

    assertThat(recording.clip()).isEqualTo(tone());
    assertThat(recording.notes()).isEmpty();
  }

  /**
   * Name, file, rate, samples, samples before the tone (negative: its first samples are missing,
   * which is the encoder's doing), lowest correlation with it.
   */
  static Stream<Arguments> lossyFiles() {
    byte[] mp3 = encoded("mp3", "-c:a libmp3lame -b:a 96k");
    byte[] opus = encoded("opus", "-c:a libopus -b:a 64k");
    return Stream.of(
        Arguments.of("WAV of 8 bits", encoded("wav", "-c:a pcm_u8"), RATE, LENGTH, 0, 0.99),
        Arguments.of("WAV u-law", encoded("wav", "-c:a pcm_mulaw"), RATE, LENGTH, 0, 0.99),
        Arguments.of("WAV A-law", encoded("wav", "-c:a pcm_alaw"), RATE, LENGTH, 0, 0.99),
        Arguments.of("WAV IMA ADPCM", encoded("wav", "-c:a adpcm_ima_wav"), RATE, 48_984, 0, 0.99),
        Arguments.of("WAV MS ADPCM", encoded("wav", "-c:a adpcm_ms"), RATE, 48_864, 0, 0.99),
        Arguments.of("WAV G.722", encoded("wav", "-ar 16000 -c:a g722"), 16_000, 32_000, 22, 0.99),
        Arguments.of("WAV MP3", encoded("wav", "-c:a libmp3lame"), RATE, 49_536, 1105, 0.99),
        Arguments.of("AIFF u-law", encoded("aiff", "-c:a pcm_mulaw"), RATE, LENGTH, 0, 0.99),
        Arguments.of("AU A-law", encoded("au", "-c:a pcm_alaw"), RATE, LENGTH, 0, 0.99),
        Arguments.of("CAF IMA ADPCM", encoded("caf", "-c:a adpcm_ima_qt"), RATE, LENGTH, 0, 0.99),
        Arguments.of("MP3", mp3, RATE, LENGTH, 0, 0.99),
        Arguments.of("MP3 VBR", encoded("mp3", "-c:a libmp3lame -q:a 4"), RATE, LENGTH, 0, 0.99),
        Arguments.of(
            "MP3 48 kHz", encoded("mp3", "-ar 48000 -c:a libmp3lame"), 48_000, 96_000, 0, 0.99),
        Arguments.of(
            "MP3 8 kHz", encoded("mp3", "-ar 8000 -c:a libmp3lame"), 8_000, 16_000, 0, 0.99),
        Arguments.of(
            "MP3 without a header",
            encoded("mp3", "-c:a libmp3lame -write_xing 0 -id3v2_version 0"),
            RATE,
            49_536,
            1105,
            0.99),
        Arguments.of(
            "MP3 behind two tags",
            joined(id3(new byte[300]), id3(new byte[300]), mp3),
            RATE,
            LENGTH,
            0,
            0.99),
        Arguments.of("MP3 behind an APE tag", joined(ape(), mp3), RATE, LENGTH, 0, 0.99),
        Arguments.of("MP3 behind zeros", joined(new byte[1000], mp3), RATE, LENGTH, 0, 0.99),
        Arguments.of("MP3 before ID3v1", joined(mp3, id3v1()), RATE, LENGTH, 0, 0.99),
        Arguments.of("MP3 with a picture", withApic(mp3), RATE, LENGTH, 0, 0.99),
        Arguments.of("MP2", encoded("mp2", "-c:a mp2"), RATE, 48_384, 481, 0.99),
        Arguments.of("Ogg Opus", opus, 48_000, 96_000, 0, 0.99),
        Arguments.of("WebM Opus", encoded("webm", "-c:a libopus"), 48_000, 96_000, 0, 0.99),
        Arguments.of(
            "WebM Opus of a browser",
            encoded("pipe.webm", "-c:a libopus -f webm -live 1"),
            48_000,
            96_000,
            0,
            0.99),
        Arguments.of("MP4 Opus", encoded("mp4", "-c:a libopus"), 48_000, 96_804, 156, 0.99),
        Arguments.of(
            "Ogg Vorbis", encoded("ogg", "-c:a vorbis -strict -2 -ac 2"), RATE, LENGTH, 0, 0.99),
        Arguments.of(
            "WebM Vorbis", encoded("webm", "-c:a vorbis -strict -2 -ac 2"), RATE, LENGTH, 0, 0.99),
        Arguments.of(
            "Ogg Speex", encoded("ogg", "-ar 16000 -c:a libspeex"), 16_000, 32_000, 214, 0.9),
        Arguments.of("M4A AAC", encoded("m4a", "-c:a aac"), RATE, 48_128, 0, 0.99),
        Arguments.of(
            "M4A AAC, streamed",
            encoded("m4a", "-c:a aac -movflags +faststart"),
            RATE,
            48_128,
            0,
            0.99),
        Arguments.of(
            "MP4 AAC in fragments",
            encoded("mp4", "-c:a aac -movflags frag_keyframe+empty_moov+default_base_moof"),
            RATE,
            49_152,
            1024,
            0.99),
        Arguments.of("AAC", encoded("aac", "-c:a aac"), RATE, 49_152, 1024, 0.99),
        Arguments.of("MPEG-TS AAC", encoded("ts", "-c:a aac"), RATE, 49_152, 1024, 0.99),
        Arguments.of(
            "AMR", encoded("amr", "-ar 8000 -c:a libopencore_amrnb"), 8_000, 16_160, 35, 0.9),
        Arguments.of(
            "AMR-WB", encoded("amr", "-ar 16000 -c:a libvo_amrwbenc"), 16_000, 32_000, 92, 0.9),
        Arguments.of(
            "3GP AMR", encoded("3gp", "-ar 8000 -c:a libopencore_amrnb"), 8_000, 16_110, -15, 0.9),
        Arguments.of("WMA", encoded("wma", "-c:a wmav2"), RATE, 47_104, -2048, 0.99),
        Arguments.of("AC-3", encoded("ac3", "-ar 48000 -c:a ac3"), 48_000, 96_768, 256, 0.99),
        Arguments.of("E-AC-3", encoded("eac3", "-ar 48000 -c:a eac3"), 48_000, 96_768, 256, 0.99),
        Arguments.of("FLV AAC", encoded("flv", "-ar 44100 -c:a aac"), 44_100, 90_112, 1024, 0.99));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("lossyFiles")
  void lossyFilesGiveTheirLengthAndNearlyTheirSamples(
      String name, byte[] file, int rate, int length, int delay, double correlation) {
    AudioClip clip = DECODER.decode(file);

    assertThat(clip.sampleRate()).isEqualTo(rate);
    float[] expected = Resampler.resample(tone(), rate).samples();
    assertThat(
            clip.samples().length + " samples, best delay " + bestDelay(clip.samples(), expected))
        .isEqualTo(length + " samples, best delay " + delay);
    assertThat(correlation(clip.samples(), expected, delay)).isGreaterThan(correlation);
  }

  @Test
  void anMp3FromTheMiddleOfAStreamIsTaken() {
    byte[] mp3 = encoded("mp3", "-c:a libmp3lame -b:a 64k");

    AudioClip clip = DECODER.decode(Arrays.copyOfRange(mp3, 1234, mp3.length));

    assertThat(clip.length()).isBetween(LENGTH - 8 * 576, LENGTH);
  }

  /** By the first half of the tone, which is enough and cheaper. */
  private static int bestDelay(float[] decoded, float[] whole) {
    float[] original = Arrays.copyOf(whole, whole.length / 2);
    int best = 0;
    double highest = -1;
    for (int delay = -2500; delay < 2500; delay++) {
      double here = correlation(decoded, original, delay);
      if (here > highest) {
        highest = here;
        best = delay;
      }
    }
    return best;
  }

  private static double correlation(float[] decoded, float[] original, int delay) {
    double product = 0;
    double first = 0;
    double second = 0;
    for (int i = Math.max(0, -delay); i < original.length && i + delay < decoded.length; i += 3) {
      product += decoded[i + delay] * (double) original[i];
      first += decoded[i + delay] * (double) decoded[i + delay];
      second += original[i] * (double) original[i];
    }
    return product / Math.sqrt(first * second);
  }

  static Stream<Arguments> noAudio() {
    return Stream.of(
        of("text", ascii("Hello, I am a text. ".repeat(100))),
        of("PDF", ascii("%PDF-1.7\n" + "1 0 obj <<>> endobj\n".repeat(100))),
        of("ZIP", joined(ascii("PK\3\4"), new byte[500])),
        of("PNG", joined(ascii("\211PNG\r\n\32\n"), new byte[500])),
        of("playlist", ascii("#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n")),
        of("concatenation", ascii("ffconcat version 1.0\nfile /etc/passwd\n")),
        of(
            "SDP",
            ascii("v=0\no=- 0 0 IN IP4 127.0.0.1\nc=IN IP4 127.0.0.1\nm=audio 9 RTP/AVP 0\n")),
        of("zeros", new byte[5000]),
        of("tags alone", id3(new byte[100])),
        of(
            "MP4 without sound",
            encoded("mp4", "-f lavfi -i color=c=red:s=16x16:d=1 -map 1:v -c:v mpeg4")));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("noAudio")
  void whatIsNoAudioIsRefusedWithoutShowingItsContent(String name, byte[] file) {
    assertThatThrownBy(() -> DECODER.decode(file))
        .isInstanceOf(UnreadableAudioException.class)
        .hasMessageMatching(
            "the file is none of the audio formats that are read"
                + "|the file holds tags, but no audio"
                + "|MP4 cannot be decoded: it holds no sound");
  }

  private static Arguments of(String name, byte[] file) {
    return Arguments.of(name, file);
  }

  private static byte[] placeholder(long size) {
    byte[] file = new WaveFile().claimedDataSize(size).data(pcm16()).bytes();
    return replaced(file, 4, WaveFile.buffer(4).putInt((int) size).array());
  }

  private static byte[] withoutPad(byte[] wav) {
    byte[] list = ascii("LIST\27\0\0\0INFOISFT\13\0\0\0writer of w");
    return joined(Arrays.copyOf(wav, 36), list, Arrays.copyOfRange(wav, 36, wav.length));
  }

  private static byte[] in32() {
    ByteBuffer data = WaveFile.buffer(4 * LENGTH);
    for (float sample : tone().samples()) {
      data.putInt((int) (sample * 32768) << 16);
    }
    return new WaveFile().bits(24).blockAlign(4).data(data).bytes();
  }

  private static byte[] rifx() {
    ByteBuffer out = ByteBuffer.allocate(44 + 2 * LENGTH);
    out.put(ascii("RIFX")).putInt(36 + 2 * LENGTH).put(ascii("WAVEfmt ")).putInt(16);
    out.putShort((short) 1).putShort((short) 1).putInt(RATE).putInt(2 * RATE);
    out.putShort((short) 2).putShort((short) 16).put(ascii("data")).putInt(2 * LENGTH);
    for (float sample : tone().samples()) {
      out.putShort((short) (sample * 32768));
    }
    return out.array();
  }

  /** Total samples and the digest are 0. */
  private static byte[] unknownLength(byte[] flac) {
    byte[] copy = flac.clone();
    copy[21] &= (byte) 0xF0;
    Arrays.fill(copy, 22, 42, (byte) 0);
    return copy;
  }

  private static byte[] png() {
    return joined(ascii("\211PNG\r\n\32\n"), new byte[60]);
  }

  private static byte[] withPicture(byte[] flac) {
    byte[] png = png();
    ByteBuffer picture = ByteBuffer.allocate(41 + png.length);
    picture.putInt(3).putInt(9).put(ascii("image/png")).putInt(0).putInt(1).putInt(1);
    picture.putInt(32).putInt(0).putInt(png.length).put(png);
    byte[] head = {6, 0, (byte) (picture.capacity() >> 8), (byte) picture.capacity()};
    byte[] start = Arrays.copyOf(flac, 42);
    start[4] &= 0x7F;
    return joined(start, head, picture.array(), Arrays.copyOfRange(flac, 42, flac.length));
  }

  private static byte[] withApic(byte[] mp3) {
    byte[] body = joined(ascii("\0image/png\0\3\0"), png());
    byte[] head = ByteBuffer.allocate(10).put(ascii("APIC")).putInt(body.length).array();
    byte[] tag = id3(joined(head, body));
    tag[3] = 3;
    return joined(tag, mp3);
  }

  private static byte[] ape() {
    return joined(ascii("APETAGEX"), WaveFile.buffer(24).putInt(2000).putInt(32).array());
  }
}
