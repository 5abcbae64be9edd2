package dev.utter.speech.watermark;

import static org.assertj.core.api.Assertions.assertThat;

import dev.utter.speech.audio.AudioClip;
import dev.utter.speech.audio.AudioLimits;
import dev.utter.speech.audio.FileFormat;
import dev.utter.speech.audio.WatermarkReference;
import dev.utter.speech.audio.decode.AudioDecoder;
import dev.utter.speech.audio.encode.AudioEncoder;
import dev.utter.speech.audio.resample.Resampler;
import dev.utter.speech.torch.EngineSettings;
import dev.utter.speech.torch.NativeMemory;
import dev.utter.speech.torch.TorchEngine;
import dev.utter.speech.watermark.Detection.Outcome;
import dev.utter.speech.watermark.network.HyperParameters;
import dev.utter.speech.watermark.network.LookPrecision;
import dev.utter.speech.watermark.network.PassPriority;
import dev.utter.speech.watermark.network.WatermarkNetworks;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The search has the verdict of the exhaustive one, in few passes. */
final class DetectorTest {
  private static final long OWNERS = NativeMemory.openOwners();
  private static final WatermarkKey KEY = WatermarkKey.PUBLIC_DEMO;
  private static final WatermarkKey OTHER = WatermarkKey.parse("other", "0102030405");
  private static final WatermarkKey ALIKE = WatermarkKey.parse("alike", "212,211,146,56,200");
  private static final AudioLimits LIMITS = AudioLimits.DEFAULT;

  private static final Map<String, Integer> MAX_PASSES =
      Map.of("the key", 4, "another key", 10, "a key that differs in one bit", 16, "no mark", 4);

  private static final AtomicInteger PASSES = new AtomicInteger();

  private static HyperParameters numbers;
  private static WatermarkNetworks networks;
  private static Watermark watermark;
  private static Detector detector;

  @BeforeAll
  static void load() {
    TorchEngine engine = TorchEngine.start(EngineSettings.defaults().withThreads(1));
    networks = WatermarkNetworks.load(engine, WatermarkReference.FOLDER);
    numbers = networks.numbers();
    watermark = Watermark.load(engine, WatermarkReference.FOLDER, WatermarkSettings.DEFAULT);
    detector = new Detector(DetectorTest::count, numbers, WatermarkSettings.DEFAULT, false);
  }

  @AfterAll
  static void close() {
    watermark.close();
    networks.close();
    assertThat(NativeMemory.openOwners()).isEqualTo(OWNERS);
  }

  private static int[] count(float[] samples, LookPrecision precision) {
    PASSES.incrementAndGet();
    return networks.symbols(samples, precision, PassPriority.NORMAL);
  }

  static Stream<Arguments> table() {
    Map<String, UnaryOperator<AudioClip>> marks = new LinkedHashMap<>();
    marks.put("the key", clip -> watermark.embed(clip, KEY));
    marks.put("another key", clip -> watermark.embed(clip, OTHER));
    marks.put("a key that differs in one bit", clip -> watermark.embed(clip, ALIKE));
    marks.put("no mark", UnaryOperator.identity());
    Map<String, UnaryOperator<AudioClip>> fates = new LinkedHashMap<>();
    fates.put("left alone", UnaryOperator.identity());
    fates.put("trimmed by an eighth of a hop", clip -> trimmed(clip, 35, 500));
    fates.put("trimmed by five eighths of a hop", clip -> trimmed(clip, 174, 4711));
    fates.put("stored as Opus", clip -> stored(trimmed(clip, 210, 0), FileFormat.OGG_OPUS));
    fates.put("stored as MP3", clip -> stored(trimmed(clip, 104, 0), FileFormat.MP3));
    fates.put("taken down to 16 kHz", clip -> resampled(trimmed(clip, 139, 0), 16_000));
    fates.put("taken down to 22.05 kHz", clip -> resampled(trimmed(clip, 245, 0), 22_050));
    fates.put("taken up to 48 kHz", clip -> resampled(trimmed(clip, 70, 0), 48_000));
    return marks.entrySet().stream()
        .flatMap(
            mark ->
                fates.entrySet().stream()
                    .map(
                        fate ->
                            Arguments.of(
                                mark.getKey(), fate.getKey(), mark.getValue(), fate.getValue())));
  }

  @ParameterizedTest(name = "a clip with {0}, {1}")
  @MethodSource("table")
  void theSearchHasTheVerdictOfTheExhaustiveOne(
      String mark,
      String fate,
      UnaryOperator<AudioClip> marking,
      UnaryOperator<AudioClip> treatment) {
    // Given
    AudioClip clip = treatment.apply(marking.apply(WatermarkReference.clip("utterance_1.input")));
    Detection thorough = exhaustive(clip);

    // When
    int before = PASSES.get();
    Detection quick = detector.detect(clip, KeyRing.of(KEY));

    // Then
    assertThat(quick.outcome()).isEqualTo(thorough.outcome());
    assertThat(PASSES.get() - before).isLessThanOrEqualTo(MAX_PASSES.get(mark));
  }

  @Test
  void aKeyUnderAnotherOneIsFoundAsByTheExhaustiveSearch() {
    // Given
    AudioClip first = watermark.embed(WatermarkReference.clip("codec.input"), KEY);
    AudioClip clip = watermark.embed(trimmed(first, 83, 0), OTHER);

    // When
    Detection quick = detector.detect(clip, KeyRing.of(KEY));

    // Then
    assertThat(quick.outcome()).isEqualTo(Outcome.MATCH);
    assertThat(exhaustive(clip).outcome()).isEqualTo(Outcome.MATCH);
  }

  @Test
  void aClipMarkedHereAndNeverCutTakesOnePass() {
    for (String name : List.of("utterance_0", "utterance_1", "codec")) {
      for (FileFormat format : FileFormat.values()) {
        // Given
        AudioClip marked = watermark.embed(WatermarkReference.clip(name + ".input"), KEY);
        AudioClip decoded = stored(marked, format);
        int before = PASSES.get();

        // When
        Detection detection = detector.detect(decoded, KeyRing.of(KEY));

        // Then
        assertThat(detection.matches()).isTrue();
        assertThat(PASSES.get() - before).isEqualTo(1);
      }
    }
  }

  @Test
  void aKeyBehindOthersInARingIsFoundInThePassesOfOne() {
    // Given
    KeyRing ring = new KeyRing(List.of(WatermarkKey.parse("new", "5566778899"), OTHER, KEY));
    AudioClip marked = watermark.embed(WatermarkReference.clip("utterance_1.input"), KEY);
    detector.detect(marked, KeyRing.of(OTHER));
    int before = PASSES.get();
    detector.detect(marked, KeyRing.of(OTHER));
    int passesOfOne = PASSES.get() - before;

    // When
    Detection detection = detector.detect(marked, ring);

    // Then
    assertThat(detection.matches()).isTrue();
    assertThat(detection.keyId()).contains(KEY.id());
    assertThat(PASSES.get() - before - passesOfOne).isLessThanOrEqualTo(passesOfOne + 6);
  }

  @Test
  void silenceAndAClipTooShortTakeNoPass() {
    // Given
    int before = PASSES.get();

    // When
    KeyRing keys = KeyRing.of(KEY);
    detector.detect(new AudioClip(new float[240_000], 24_000), keys);
    detector.detect(trimmed(WatermarkReference.clip("codec.input"), 0, 43_000), keys);

    // Then
    assertThat(PASSES.get()).isEqualTo(before);
  }

  private static Detection exhaustive(AudioClip clip) {
    return detector.search(
        clip,
        KeyRing.of(KEY),
        (passes, key) -> ExhaustiveDetector.search(detector, numbers.hop(), passes, key));
  }

  private static AudioClip trimmed(AudioClip clip, int start, int end) {
    float[] samples = clip.samples();
    return new AudioClip(
        Arrays.copyOfRange(samples, start, samples.length - end), clip.sampleRate());
  }

  private static AudioClip resampled(AudioClip clip, int rate) {
    return Resampler.resample(Resampler.resample(clip, rate), clip.sampleRate());
  }

  private static AudioClip stored(AudioClip clip, FileFormat format) {
    return new AudioDecoder(LIMITS).decode(new AudioEncoder(LIMITS).encode(clip, format));
  }
}
