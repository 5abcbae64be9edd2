package dev.utter.speech.watermark;

import static dev.utter.speech.audio.WatermarkReference.clip;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.utter.speech.audio.AudioClip;
import dev.utter.speech.audio.AudioLimits;
import dev.utter.speech.audio.FileFormat;
import dev.utter.speech.audio.WatermarkReference;
import dev.utter.speech.audio.decode.AudioDecoder;
import dev.utter.speech.audio.encode.AudioEncoder;
import dev.utter.speech.audio.resample.Resampler;
import dev.utter.speech.failure.CheckpointException;
import dev.utter.speech.torch.EngineSettings;
import dev.utter.speech.torch.NativeMemory;
import dev.utter.speech.torch.TorchEngine;
import dev.utter.speech.watermark.Detection.Outcome;
import dev.utter.speech.watermark.network.PassPriority;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class WatermarkTest {
  private static final long OWNERS = NativeMemory.openOwners();
  private static final WatermarkKey KEY = WatermarkKey.PUBLIC_DEMO;
  private static final WatermarkKey OTHER = WatermarkKey.parse("other", "0102030405");
  private static final List<String> CLIPS = List.of("utterance_0", "utterance_1", "codec");

  private static TorchEngine engine;
  private static Watermark watermark;

  @BeforeAll
  static void load() {
    engine = TorchEngine.start(EngineSettings.defaults().withThreads(1));
    watermark = Watermark.load(engine, WatermarkReference.FOLDER, WatermarkSettings.DEFAULT);
  }

  @AfterAll
  static void close() {
    watermark.close();
    assertThat(NativeMemory.openOwners()).isEqualTo(OWNERS);
  }

  static Stream<Arguments> everyClipInEveryFormat() {
    return CLIPS.stream()
        .flatMap(name -> Stream.of(FileFormat.values()).map(format -> Arguments.of(name, format)));
  }

  @ParameterizedTest
  @MethodSource("everyClipInEveryFormat")
  void theMarkSurvivesEncoding(String name, FileFormat format) {
    AudioClip marked = watermark.embed(clip(name + ".input"), KEY);

    AudioClip decoded =
        new AudioDecoder(AudioLimits.DEFAULT)
            .decode(new AudioEncoder(AudioLimits.DEFAULT).encode(marked, format));

    Detection detection = watermark.detect(decoded, KEY);
    assertThat(detection.outcome()).isEqualTo(Outcome.MATCH);
    assertThat(detection.confidence()).isGreaterThan(0.78f);
  }

  @ParameterizedTest
  @ValueSource(strings = {"utterance_0", "utterance_1", "codec"})
  void anotherKeyIsAnotherKey(String name) {
    AudioClip marked = watermark.embed(clip(name + ".input"), OTHER);

    assertThat(watermark.detect(marked, KEY).outcome()).isEqualTo(Outcome.OTHER_KEY);
    assertThat(watermark.detect(marked, OTHER).outcome()).isEqualTo(Outcome.MATCH);
  }

  @Test
  void aKeyThatDiffersInOneBitIsAnotherKey() {
    AudioClip marked = watermark.embed(clip("utterance_1.input"), KEY);
    WatermarkKey neighbour = WatermarkKey.parse("neighbour", "212,211,146,56,200");

    assertThat(watermark.detect(marked, neighbour).outcome()).isEqualTo(Outcome.OTHER_KEY);
  }

  @ParameterizedTest
  @ValueSource(strings = {"utterance_0", "utterance_1", "codec"})
  void anUnmarkedClipHasNoMark(String name) {
    Detection detection = watermark.detect(clip(name + ".input"), KEY);

    assertThat(detection.outcome()).isEqualTo(Outcome.NOT_FOUND);
    assertThat(detection.confidence()).isLessThan(0.6f);
  }

  @Test
  void unmarkedNoiseOfAnyLengthHasNoMark() {
    for (int seed = 0; seed < 8; seed++) {
      AudioClip noise = new AudioClip(noise(seed, 6_000 + 7_000 * seed), 24_000);

      assertThat(watermark.detect(noise, KEY).outcome()).isEqualTo(Outcome.NOT_FOUND);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {16_000, 20_000, 24_000})
  void aShortClipsMarkIsFoundAlthoughSomeSymbolsAreWrong(int length) {
    for (String name : CLIPS) {
      AudioClip marked =
          watermark.embed(
              new AudioClip(Arrays.copyOf(clip(name + ".input").samples(), length), 24_000), KEY);

      assertThat(watermark.detect(marked, KEY).outcome()).isEqualTo(Outcome.MATCH);
      assertThat(watermark.detect(marked, OTHER).outcome()).isNotEqualTo(Outcome.MATCH);
    }
  }

  @Test
  void aMarkDamagedByStrongCompressionIsNotAnotherKey() {
    for (String name : CLIPS) {
      AudioClip damaged = watermark.embed(clip(name + ".input"), KEY);
      float[] noise = noise(1, damaged.samples().length);
      for (int i = 0; i < noise.length; i++) {
        noise[i] = damaged.samples()[i] + 0.01f * noise[i];
      }

      assertThat(watermark.detect(new AudioClip(noise, 24_000), KEY).outcome())
          .isNotEqualTo(Outcome.OTHER_KEY);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 97, 140, 1000, 4711})
  void aTrimmedClipIsFoundBySearching(int trimmed) {
    AudioClip marked = watermark.embed(clip("utterance_1.input"), KEY);
    float[] rest =
        Arrays.copyOfRange(marked.samples(), trimmed, marked.samples().length - trimmed / 2);

    assertThat(watermark.detect(new AudioClip(rest, 24_000), KEY).outcome())
        .isEqualTo(Outcome.MATCH);
  }

  @ParameterizedTest
  @ValueSource(ints = {16_000, 22_050, 44_100, 48_000})
  void anyRateIsKept(int rate) {
    AudioClip clip = Resampler.resample(clip("utterance_1.input"), rate);

    AudioClip marked = watermark.embed(clip, KEY);

    assertThat(marked.sampleRate()).isEqualTo(rate);
    assertThat(marked.samples()).hasSameSizeAs(clip.samples());
    assertThat(watermark.detect(marked, KEY).outcome()).isEqualTo(Outcome.MATCH);
  }

  @Test
  void silenceIsReturnedAsItIs() {
    AudioClip silence = new AudioClip(new float[48_000], 24_000);

    assertThat(watermark.embed(silence, KEY)).isSameAs(silence);
    assertThat(watermark.detect(silence, KEY))
        .isEqualTo(Detection.notFound(0, "the clip is silent"));
  }

  @Test
  void aClipWithSilentStretchesStaysFinite() {
    AudioClip half = clip("utterance_1.input");
    float[] samples = Arrays.copyOf(half.samples(), 3 * half.samples().length);

    AudioClip marked = watermark.embed(new AudioClip(samples, 24_000), KEY);

    assertThat(
            IntStream.range(0, samples.length).allMatch(i -> Float.isFinite(marked.samples()[i])))
        .isTrue();
  }

  @Test
  void aClipTooShortForAMessageIsReported() {
    AudioClip tooShort = new AudioClip(noise(1, 5_000), 24_000);

    Detection detection = watermark.detect(tooShort, KEY);

    assertThat(detection.outcome()).isEqualTo(Outcome.NOT_FOUND);
    assertThat(detection.reason())
        .isEqualTo("the clip is too short: 19 frames, a message takes 21");
    assertThat(watermark.embed(tooShort, KEY).samples()).hasSize(5_000);
  }

  @Test
  void theShortestMarkedClipIsKnown() {
    assertThat(watermark.minimumDuration())
        .isBetween(Duration.ofMillis(243), Duration.ofMillis(244));
  }

  @Test
  void threadsDoNotDisturbEachOther() throws Exception {
    AudioClip alone = watermark.embed(clip("codec.input"), KEY);
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<AudioClip>> together =
          IntStream.range(0, 8)
              .mapToObj(i -> threads.submit(() -> watermark.embed(clip("codec.input"), KEY)))
              .toList();

      for (Future<AudioClip> marked : together) {
        assertThat(marked.get()).isEqualTo(alone);
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void aLookReportsEachOfItsSteps() {
    // Given
    AtomicInteger steps = new AtomicInteger();
    Watermark reporting = watermark.at(PassPriority.VERIFICATION).reporting(steps::incrementAndGet);

    // When
    Detection detection = reporting.detect(watermark.embed(clip("codec.input"), KEY), KEY);
    int ofTheLook = steps.get();
    reporting.embed(clip("codec.input"), KEY);

    // Then
    assertThat(detection.matches()).isTrue();
    assertThat(ofTheLook).isGreaterThan(2);
    assertThat(steps).hasValue(ofTheLook);
  }

  @Test
  void everyPassFreesWhatItTook() {
    long before = NativeMemory.openOwners();

    watermark.detect(watermark.embed(clip("codec.input"), KEY), KEY);

    assertThat(NativeMemory.openOwners()).isEqualTo(before);
  }

  @ParameterizedTest
  @ValueSource(strings = {"hparams.yaml", "enc_c.ckpt", "dec_c.ckpt", "dec_m_0.ckpt"})
  void aMissingFileIsNamed(String missing, @TempDir Path folder) throws Exception {
    for (String file : List.of("hparams.yaml", "enc_c.ckpt", "dec_c.ckpt", "dec_m_0.ckpt")) {
      if (!file.equals(missing)) {
        Files.copy(WatermarkReference.FOLDER.resolve(file), folder.resolve(file));
      }
    }

    assertThatThrownBy(() -> Watermark.load(engine, folder, WatermarkSettings.DEFAULT))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining(missing);
  }

  static Stream<Arguments> foreignNumbers() {
    return Stream.of(
        Arguments.of("message_len: 21", "message_len: 16", "message_len: expected 21, found 16"),
        Arguments.of("n_messages: 1", "n_messages: 2", "n_messages: expected 1, found 2"),
        Arguments.of("N_FFT: 1024", "N_FFT: many", "N_FFT: expected an integer of 16 to 65536"),
        Arguments.of("SR: 44100", "", "SR: expected an integer of 8000 to 192000, found nothing"),
        Arguments.of("message_band_size: 128", "message_band_size: 64", "enc_c.linear.weight"));
  }

  @ParameterizedTest
  @MethodSource("foreignNumbers")
  void aNetworkOfAnotherKindIsRefusedByName(
      String line, String changed, String complaint, @TempDir Path folder) throws Exception {
    for (String file : List.of("enc_c.ckpt", "dec_c.ckpt", "dec_m_0.ckpt")) {
      Files.copy(WatermarkReference.FOLDER.resolve(file), folder.resolve(file));
    }
    String yaml = Files.readString(WatermarkReference.FOLDER.resolve("hparams.yaml"));
    Files.writeString(folder.resolve("hparams.yaml"), yaml.replace(line, changed));

    assertThatThrownBy(() -> Watermark.load(engine, folder, WatermarkSettings.DEFAULT))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining(complaint);
  }

  private static float[] noise(int seed, int length) {
    Random random = new Random(seed);
    float[] samples = new float[length];
    for (int i = 0; i < length; i++) {
      samples[i] = (float) random.nextGaussian() * 0.1f;
    }
    return samples;
  }
}
