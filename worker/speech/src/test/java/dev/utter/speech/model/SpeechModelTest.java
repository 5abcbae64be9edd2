package dev.utter.speech.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.utter.speech.AudioCodes;
import dev.utter.speech.ContextSegment;
import dev.utter.speech.FinishReason;
import dev.utter.speech.FrameListener;
import dev.utter.speech.Speech;
import dev.utter.speech.SpeechModel;
import dev.utter.speech.SynthesisOptions;
import dev.utter.speech.Utterance;
import dev.utter.speech.audio.AudioClip;
import dev.utter.speech.failure.ContextTooLongException;
import dev.utter.speech.failure.InvalidUtteranceException;
import dev.utter.speech.torch.EngineSettings;
import dev.utter.speech.torch.NativeMemory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class SpeechModelTest {

  static final SpeechSettings SETTINGS =
      SpeechSettings.defaults().withEngine(EngineSettings.defaults().withThreads(1));

  private static final Path FIXTURE = Path.of("src/test/fixtures/csm-tiny");
  private static final Utterance HELLO = new Utterance(0, "Hello from Sesame.");

  private static long ownersBefore;
  private static SpeechModel model;

  @BeforeAll
  static void load() {
    ownersBefore = NativeMemory.openOwners();
    model = SpeechModels.load(FIXTURE, SETTINGS);
  }

  @AfterAll
  static void closesEverythingItOpened() {
    model.close();
    model.close();
    assertThat(NativeMemory.openOwners()).isEqualTo(ownersBefore);
  }

  @Test
  void describesItself() {
    assertThat(model.description().name()).isEqualTo("csm-tiny");
    assertThat(model.description().revision()).matches("[0-9a-f]{64}");
    assertThat(model.description().codebooks()).isEqualTo(8);
    assertThat(model.description().vocabulary()).isEqualTo(64);
    assertThat(model.description().maxPositions()).isEqualTo(2048);
    assertThat(model.description().sampleRate()).isEqualTo(24_000);
    assertThat(model.description().samplesPerFrame()).isEqualTo(1920);
  }

  @Test
  void givesTheSameSamplesForTheSameSeedAndOthersForAnother() {
    // When
    Speech first = speak(SynthesisOptions.sampled(6, 1));
    Speech second = speak(SynthesisOptions.sampled(6, 1));
    Speech other = speak(SynthesisOptions.sampled(6, 2));

    // Then
    assertThat(second.audio().samples()).isEqualTo(first.audio().samples());
    assertThat(other.codes()).isNotEqualTo(first.codes());
    assertThat(first.finishReason()).isEqualTo(FinishReason.MAX_DURATION);
    assertThat(first.audio().samples()).hasSize(6 * model.description().samplesPerFrame());
  }

  @Test
  void givesTheSameSpeechToCallersOnSeveralThreads() throws Exception {
    // Given
    Speech alone = speak(SynthesisOptions.sampled(6, 1));
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      // When
      List<Future<Speech>> speeches = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        long seed = i % 2;
        speeches.add(threads.submit(() -> speak(SynthesisOptions.sampled(6, seed))));
      }

      // Then
      for (int i = 1; i < 8; i += 2) {
        assertThat(speeches.get(i).get().codes()).isEqualTo(alone.codes());
        assertThat(speeches.get(i).get().audio().samples())
            .containsExactly(alone.audio().samples(), within(1e-4f));
      }
    } finally {
      threads.shutdown();
    }
  }

  @Test
  void staysWithinWhatTheCodecCanDecodeAtExtremeOptions() {
    for (float temperature : new float[] {Float.MIN_VALUE, 1e-30f, 10, Float.MAX_VALUE}) {
      for (int topK : new int[] {1, 2, Integer.MAX_VALUE}) {
        // When
        Speech speech = speak(new SynthesisOptions(3, temperature, topK, Long.MIN_VALUE));

        // Then
        assertThat(Arrays.stream(speech.codes().values())).allMatch(code -> code >= 0 && code < 64);
        for (float sample : speech.audio().samples()) {
          assertThat(sample).isFinite();
        }
      }
    }
  }

  @Test
  void stopsAtTheListenersRequest() {
    // When
    Speech speech = model.speak(HELLO, SynthesisOptions.greedy(20), framesSoFar -> framesSoFar < 3);
    Speech nothing = model.speak(HELLO, SynthesisOptions.greedy(20), framesSoFar -> false);

    // Then
    assertThat(speech.finishReason()).isEqualTo(FinishReason.STOPPED);
    assertThat(speech.codes().frames()).isEqualTo(3);
    assertThat(nothing.finishReason()).isEqualTo(FinishReason.STOPPED);
    assertThat(nothing.audio().samples()).isEmpty();
  }

  @Test
  void survivesAListenerThatThrows() {
    // When / Then
    assertThatThrownBy(
            () ->
                model.speak(
                    HELLO,
                    SynthesisOptions.greedy(20),
                    framesSoFar -> {
                      throw new UnsupportedOperationException("listener");
                    }))
        .hasMessage("listener");
    assertThat(speak(SynthesisOptions.greedy(2)).codes().frames()).isEqualTo(2);
  }

  @Test
  void fillsItsPositionsToTheLast() {
    // Given
    int most = model.maxFrames(HELLO);

    // When
    Speech speech =
        model.speak(HELLO, SynthesisOptions.sampled(most, 4), framesSoFar -> framesSoFar < 2);

    // Then
    assertThat(speech.promptPositions() + most).isEqualTo(model.description().maxPositions());
    assertThatThrownBy(
            () -> model.speak(HELLO, SynthesisOptions.greedy(most + 1), FrameListener.KEEP_GOING))
        .isInstanceOf(ContextTooLongException.class)
        .hasMessageContaining("by 1 frames or tokens");
  }

  @Test
  void reportsByHowMuchAPromptIsTooLong() {
    // Given
    AudioCodes codes = new AudioCodes(8, new int[8 * 3000]);
    Utterance utterance = new Utterance(0, "Hi.", List.of(new ContextSegment(0, "Long.", codes)));

    // When / Then
    assertThat(model.maxFrames(utterance)).isLessThan(-900);
    assertThatThrownBy(
            () -> model.speak(utterance, SynthesisOptions.greedy(1), FrameListener.KEEP_GOING))
        .isInstanceOf(ContextTooLongException.class);
  }

  @Test
  void refusesBadUtterancesByField() {
    assertThatThrownBy(() -> model.maxFrames(new Utterance(-1, "Hi.")))
        .isInstanceOf(InvalidUtteranceException.class)
        .hasMessage("speaker is -1, must be 0 or above");
  }

  @Test
  void encodesContextOfAnyRate() {
    for (int rate : new int[] {8_000, 24_000, 44_100}) {
      // When
      AudioCodes codes = model.encode(new AudioClip(new float[rate], rate));

      // Then
      assertThat(codes.frames()).isEqualTo(13);
      assertThat(codes.codebooks()).isEqualTo(8);
    }
  }

  @Test
  void refusesWorkAfterItIsClosed() {
    // Given
    SpeechModel other = SpeechModels.load(FIXTURE, SETTINGS);

    // When
    other.close();

    // Then
    assertThatThrownBy(
            () -> other.speak(HELLO, SynthesisOptions.greedy(1), FrameListener.KEEP_GOING))
        .hasMessage("the speech model is closed");
    assertThatThrownBy(() -> other.encode(new AudioClip(new float[1], 24_000)))
        .hasMessage("the speech model is closed");
  }

  @Test
  void speaksInBfloat16Too() {
    // Given
    EngineSettings engine =
        EngineSettings.defaults().withThreads(1).withPrecision(EngineSettings.Precision.BFLOAT16);
    try (SpeechModel rounded = SpeechModels.load(FIXTURE, SETTINGS.withEngine(engine))) {
      // When
      AudioCodes codes =
          rounded.speak(HELLO, SynthesisOptions.greedy(3), FrameListener.KEEP_GOING).codes();

      // Then
      assertThat(codes.frame(0)[0]).isEqualTo(speak(SynthesisOptions.greedy(1)).codes().code(0, 0));
      assertThat(codes.frames()).isEqualTo(3);
    }
  }

  @Test
  void keepsItsMemoryOverManyCalls() throws IOException {
    // Given
    Assumptions.assumeTrue(Files.exists(Path.of("/proc/self/statm")), "needs Linux's /proc");
    AudioClip clip = new AudioClip(new float[24_000], 24_000);
    speakAndEncode(clip, 30);
    long owners = NativeMemory.openOwners();
    long before = residentBytes();

    // When
    speakAndEncode(clip, 150);

    // Then
    assertThat(NativeMemory.openOwners()).isEqualTo(owners);
    // Leaking only the frames' results of these calls would take more.
    assertThat(residentBytes() - before).isLessThan(24 << 20);
  }

  private static void speakAndEncode(AudioClip clip, int calls) {
    for (int i = 0; i < calls; i++) {
      ContextSegment segment = new ContextSegment(1, "Before.", model.encode(clip));
      model.speak(
          new Utterance(0, "And after.", List.of(segment)),
          SynthesisOptions.sampled(3, i),
          FrameListener.KEEP_GOING);
    }
    System.gc();
  }

  private static long residentBytes() throws IOException {
    String pages = Files.readString(Path.of("/proc/self/statm")).split(" ")[1];
    return Long.parseLong(pages) * 4096;
  }

  private static Speech speak(SynthesisOptions options) {
    return model.speak(HELLO, options, FrameListener.KEEP_GOING);
  }
}
