package dev.utter.worker.synthesis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.utter.events.AudioFormat;
import dev.utter.events.ContextUtterance;
import dev.utter.events.FailureCode;
import dev.utter.events.GenerationOptions;
import dev.utter.events.ObjectReference;
import dev.utter.events.SynthesisRequested;
import dev.utter.events.Topics;
import dev.utter.speech.AudioCodes;
import dev.utter.speech.ContextSegment;
import dev.utter.speech.FinishReason;
import dev.utter.speech.FrameListener;
import dev.utter.speech.Speech;
import dev.utter.speech.SynthesisOptions;
import dev.utter.speech.Urgency;
import dev.utter.speech.Utterance;
import dev.utter.speech.audio.AudioClip;
import dev.utter.speech.failure.InvalidUtteranceException;
import dev.utter.worker.access.AccessRules;
import dev.utter.worker.failure.RequestFailedException;
import dev.utter.worker.intake.TestingDeliveries;
import dev.utter.worker.synthesis.context.CodesCache;
import dev.utter.worker.synthesis.context.ContextAudio;
import dev.utter.worker.synthesis.job.Job;
import dev.utter.worker.synthesis.job.RequestState;
import dev.utter.worker.synthesis.request.Plan;
import dev.utter.worker.synthesis.request.Planner;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a job gives to the engine, and what it takes back. */
class GenerationTest implements SynthesisListener {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final ContextAudio.Encoded KNOWN =
      new ContextAudio.Encoded(new AudioCodes(4, new int[4]), List.of());
  private static final CodesCache.Key KEY = new CodesCache.Key("voices", "b.wav", "etag");
  private static final ContextAudio.Decoded SOUND =
      new ContextAudio.Decoded(new AudioClip(new float[1920], 24_000), 2, KEY, List.of());

  private final TestingClock clock = new TestingClock(START);
  private final List<String> reports = new ArrayList<>();
  private final CodesCache codes = new CodesCache(1 << 20, SynthesisListener.NONE);
  private Runnable whileEncoding = () -> {};
  private Utterance submitted;
  private SynthesisOptions options;
  private Urgency urgency;

  private final TestingSpeechModel model =
      new TestingSpeechModel(1) {
        @Override
        public AudioCodes encode(AudioClip clip) {
          clock.advance(SECOND);
          whileEncoding.run();
          return super.encode(clip);
        }

        @Override
        public CompletableFuture<Speech> submit(
            Utterance utterance, SynthesisOptions with, Urgency as, FrameListener listener) {
          submitted = utterance;
          options = with;
          urgency = as;
          return CompletableFuture.completedFuture(speech(FinishReason.END_OF_AUDIO));
        }
      };

  private final Generation generation = new Generation(model, codes, this, clock);
  private final Job job = new Job(TestingDeliveries.delivery(Topics.WORK_BULK, 0), START);

  @Override
  public void step(String name, Duration took) {
    reports.add(name + " in " + took.toMillis() + " ms");
  }

  @Override
  public void generated(Speech speech, Duration took) {
    reports.add("generated in " + took.toMillis() + " ms");
  }

  @AfterEach
  void close() {
    model.close();
  }

  private static Speech speech(FinishReason reason) {
    return new Speech(
        new AudioClip(new float[3 * 1920], 24_000),
        new AudioCodes(4, new int[4 * 3]),
        reason,
        3,
        0,
        Duration.ZERO,
        Duration.ZERO,
        Duration.ZERO,
        Duration.ZERO);
  }

  private static SynthesisRequested.Builder request(String text, int millis) {
    return SynthesisRig.request("id", text)
        .setSpeaker(3)
        .setOptions(new GenerationOptions(millis, 0.5f, 50, 7L, AudioFormat.FLAC));
  }

  private static Plan plan(SynthesisRequested.Builder request) {
    return new Planner(new AccessRules(SynthesisFixture.ACCESS), TestingSpeechModel.DESCRIPTION)
        .plan(request.build());
  }

  private static ContextUtterance utterance(int speaker, String text) {
    return new ContextUtterance(
        speaker, text, new ObjectReference(SynthesisRig.VOICES, text + ".wav", null));
  }

  /** The job waits for the engine with this context. */
  private void ready(ContextAudio... context) {
    List<ContextUtterance> utterances = new ArrayList<>();
    for (int i = 0; i < context.length; i++) {
      utterances.add(utterance(i + 1, "Context " + i));
    }
    SynthesisRequested.Builder request = request("Hello.", 240).setContext(utterances);
    job.decoded(request.build());
    job.move(
        new RequestState.Taken(START)
            .fetchContext(plan(request), START)
            .ready(List.of(context), START));
  }

  @Test
  void aRequestOfExactlyTheModelsPositionsPassesAndAFrameMoreIsRefused() {
    assertThatCode(() -> generation.check(plan(request("Hello.", 500 * 80))))
        .doesNotThrowAnyException();
    assertThatThrownBy(() -> generation.check(plan(request("Hello.", 501 * 80))))
        .isInstanceOfSatisfying(
            RequestFailedException.class,
            failure -> {
              assertThat(failure.code()).isEqualTo(FailureCode.CONTEXT_TOO_LONG);
              assertThat(failure.field()).contains("context");
            });
    assertThatThrownBy(() -> generation.check(plan(request("crowded", 160))))
        .hasMessageStartingWith("the prompt takes 499 positions")
        .hasMessageEndingWith("by 1 frames or tokens in all");
  }

  @Test
  void onlyAJobWithContextThatIsStillSoundHasSoundToEncode() {
    // Given
    boolean taken = Generation.hasSound(job);

    // When
    ready(KNOWN);
    boolean known = Generation.hasSound(job);
    ready(KNOWN, SOUND);

    // Then
    assertThat(taken).isFalse();
    assertThat(known).isFalse();
    assertThat(Generation.hasSound(job)).isTrue();
  }

  @Test
  void soundIsEncodedOnceAndItsCodesAreKept() {
    // Given
    ready(KNOWN, SOUND);

    // When
    generation.encode(job);

    // Then
    assertThat(model.encoded).hasValue(1);
    assertThat(job.state(RequestState.Generating.class).codes())
        .containsExactly(KNOWN.codes(), codes.get(KEY).orElseThrow().codes());
    assertThat(reports).containsExactly("context in 1000 ms");
  }

  @Test
  void aJobThatIsCancelledWhileItsContextIsEncodedEncodesNoMore() {
    // Given
    ready(SOUND, SOUND);
    whileEncoding = job::cancel;

    // Then
    assertThatThrownBy(() -> generation.encode(job))
        .isInstanceOfSatisfying(
            RequestFailedException.class,
            failure -> assertThat(failure.code()).isEqualTo(FailureCode.CANCELLED));
    assertThat(model.encoded).hasValue(1);
  }

  @Test
  void aJobThatIsNotWantedIsNotBegun() {
    // Given
    ready(KNOWN);
    job.cancel();

    // Then
    assertThatThrownBy(() -> generation.encode(job)).isInstanceOf(RequestFailedException.class);
    assertThat(job.state()).isInstanceOf(RequestState.Ready.class);
  }

  @Test
  void theEngineGetsTheTextTheContextInOrderAndTheOptions() {
    // Given
    ready(KNOWN, KNOWN);
    generation.encode(job);

    // When
    generation.submit(job);

    // Then
    assertThat(submitted)
        .isEqualTo(
            new Utterance(
                3,
                "Hello.",
                List.of(
                    new ContextSegment(1, "Context 0", KNOWN.codes()),
                    new ContextSegment(2, "Context 1", KNOWN.codes()))));
    assertThat(options).isEqualTo(new SynthesisOptions(3, 0.5f, 50, 7));
    assertThat(urgency).isEqualTo(Urgency.BULK);
  }

  @Test
  void theResultOfTheEngineIsToBeMarked() {
    // Given
    ready();
    generation.encode(job);
    CompletableFuture<Speech> ended = generation.submit(job);
    clock.advance(SECOND);

    // When
    Duration audio = generation.end(job, ended);

    // Then
    assertThat(audio).isEqualTo(Duration.ofMillis(240));
    assertThat(job.state(RequestState.Marking.class).speech()).isSameAs(ended.join());
    assertThat(reports).containsExactly("context in 0 ms", "generated in 1000 ms");
  }

  @Test
  void whatTheModelRefusesNamesItsField() {
    // Given
    ready();
    generation.encode(job);
    InvalidUtteranceException refusal = new InvalidUtteranceException("text", "\"\"", "must speak");

    // Then
    assertThatThrownBy(() -> generation.end(job, CompletableFuture.failedFuture(refusal)))
        .isInstanceOfSatisfying(
            RequestFailedException.class,
            failure -> {
              assertThat(failure.code()).isEqualTo(FailureCode.INVALID_REQUEST);
              assertThat(failure.field()).contains("text");
            })
        .hasMessage("text is \"\", must speak");
  }

  @Test
  void aGenerationThatStopsIsAnErrorOnlyIfItsJobIsWanted() {
    // Given
    ready();
    generation.encode(job);
    CompletableFuture<Speech> stopped =
        CompletableFuture.completedFuture(speech(FinishReason.STOPPED));

    // Then
    assertThatThrownBy(() -> generation.end(job, stopped))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("the engine stopped a job that is wanted");
    job.cancel();
    assertThatThrownBy(() -> generation.end(job, stopped))
        .isInstanceOfSatisfying(
            RequestFailedException.class,
            failure -> assertThat(failure.code()).isEqualTo(FailureCode.CANCELLED));
    assertThat(job.state()).isInstanceOf(RequestState.Generating.class);
  }
}
