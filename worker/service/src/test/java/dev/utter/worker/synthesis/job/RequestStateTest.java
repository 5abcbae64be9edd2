package dev.utter.worker.synthesis.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.utter.events.FinishReason;
import dev.utter.events.GenerationOptions;
import dev.utter.events.StageTimings;
import dev.utter.speech.AudioCodes;
import dev.utter.speech.Speech;
import dev.utter.speech.audio.AudioClip;
import dev.utter.worker.access.AccessRules;
import dev.utter.worker.access.AccessSettings;
import dev.utter.worker.access.ObjectPrefix;
import dev.utter.worker.intake.Outcome;
import dev.utter.worker.synthesis.SynthesisRig;
import dev.utter.worker.synthesis.TestingSpeechModel;
import dev.utter.worker.synthesis.clip.ClipFacts;
import dev.utter.worker.synthesis.clip.MarkedClip;
import dev.utter.worker.synthesis.context.CodesCache;
import dev.utter.worker.synthesis.context.ContextAudio;
import dev.utter.worker.synthesis.request.Plan;
import dev.utter.worker.synthesis.request.Planner;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The states of a request, with a second more in each than in the one before. */
class RequestStateTest {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final AudioClip SOUND = new AudioClip(new float[1920], 24_000);

  private final Plan plan =
      new Planner(
              new AccessRules(AccessSettings.defaults(new ObjectPrefix("clips", "clips"))),
              TestingSpeechModel.DESCRIPTION)
          .plan(
              SynthesisRig.request("id", "Hello.")
                  .setOptions(GenerationOptions.newBuilder().setTopK(50).build())
                  .build());
  private final ContextAudio.Encoded known = encoded(1);
  private final ContextAudio.Encoded fresh = encoded(2);
  private final RequestState.Ready ready =
      new RequestState.Taken(START)
          .fetchContext(plan, at(1))
          .ready(
              List.of(
                  known,
                  new ContextAudio.Decoded(SOUND, 2, new CodesCache.Key("b", "k", "e"), List.of())),
              at(3));
  private final RequestState.Generating generating =
      ready.encode(at(6)).generate(List.of(known, fresh), at(10));
  private final Speech speech =
      new Speech(
          SOUND,
          fresh.codes(),
          dev.utter.speech.FinishReason.MAX_DURATION,
          3,
          0,
          Duration.ZERO,
          Duration.ZERO,
          Duration.ZERO,
          Duration.ZERO);

  private static Instant at(int seconds) {
    return START.plusSeconds(seconds);
  }

  private static ContextAudio.Encoded encoded(int frames) {
    return new ContextAudio.Encoded(new AudioCodes(4, new int[4 * frames]), List.of());
  }

  private RequestState.Storing storing() {
    MarkedClip clip =
        new MarkedClip(
            new byte[0],
            new ClipFacts(
                "id",
                "f",
                "s",
                24_000,
                80,
                1,
                FinishReason.MAX_DURATION,
                7,
                "m",
                "r",
                "k",
                1f,
                Optional.empty()));
    return generating.mark(speech, at(15)).store(clip, at(21));
  }

  @Test
  void timesAddUpToTheTimeOnThisWorker() {
    // When
    StageTimings times = storing().timesAt(at(28)).event();

    // Then: context was fetched for 2 s and encoded for 4 s, and 1 + 3 s were waits
    assertThat(times)
        .isEqualTo(
            StageTimings.newBuilder()
                .setQueuedMillis(4_000)
                .setContextMillis(6_000)
                .setGenerationMillis(5_000)
                .setWatermarkMillis(6_000)
                .setStorageMillis(7_000)
                .build());
  }

  @Test
  void aClipThatWasStoredAlreadyTookNoTime() {
    assertThat(StageTimes.NONE.event())
        .isEqualTo(
            StageTimings.newBuilder()
                .setQueuedMillis(0)
                .setContextMillis(0)
                .setGenerationMillis(0)
                .setWatermarkMillis(0)
                .setStorageMillis(0)
                .build());
  }

  @Test
  void theEngineGetsTheCodesOfTheWholeContextInOrder() {
    assertThat(generating.codes()).containsExactly(known.codes(), fresh.codes());
    assertThat(generating.plan()).isSameAs(plan);
  }

  @Test
  void anAttemptThatIsRepeatedEncodesNoContextAgain() {
    // Given
    RequestState.Ready encoded =
        new RequestState.Ready(START, plan, List.of(known, fresh), Duration.ofSeconds(2));

    // Then
    assertThat(ready.encode(at(6)).again()).isSameAs(ready);
    assertThat(generating.again()).isEqualTo(encoded);
    assertThat(generating.mark(speech, at(15)).again()).isEqualTo(encoded);
    assertThat(storing().again()).isEqualTo(encoded);
  }

  @Test
  void everyStateBeforeItsOutcomeCanBePublishedOrDropped() {
    // Given
    Outcome outcome = new Outcome(Outcome.DUPLICATE, List.of());

    // Then
    assertThat(ready.publish(outcome)).isEqualTo(new RequestState.Publishing(outcome));
    assertThat(ready.drop()).isEqualTo(new RequestState.Dropped());
    assertThat(storing().plan()).isSameAs(plan);
    assertThat(generating.mark(speech, at(15)).plan()).isSameAs(plan);
  }
}
