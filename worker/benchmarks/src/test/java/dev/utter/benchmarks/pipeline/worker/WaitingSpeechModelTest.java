package dev.utter.benchmarks.pipeline.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.utter.speech.FinishReason;
import dev.utter.speech.FrameListener;
import dev.utter.speech.Speech;
import dev.utter.speech.SynthesisOptions;
import dev.utter.speech.Urgency;
import dev.utter.speech.Utterance;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class WaitingSpeechModelTest {
  private static final Duration FOREVER = Duration.ofDays(1);

  @Test
  void holdsASlotForEachJobAndLetsFurtherOnesWait() {
    try (WaitingSpeechModel model = new WaitingSpeechModel(2, FOREVER)) {
      // When
      List<CompletableFuture<Speech>> jobs =
          Stream.generate(() -> submit(model, FrameListener.KEEP_GOING)).limit(3).toList();

      // Then
      await().until(() -> model.statistics().waiting() == 1);
      assertThat(model.statistics().running()).isEqualTo(2);
      assertThat(model.statistics().slots()).isEqualTo(2);
      assertThat(jobs).noneMatch(CompletableFuture::isDone);
    }
  }

  @Test
  void givesEveryJobItsTurn() {
    try (WaitingSpeechModel model = new WaitingSpeechModel(2, Duration.ofMillis(1))) {
      // When
      List<CompletableFuture<Speech>> jobs =
          Stream.generate(() -> submit(model, FrameListener.KEEP_GOING)).limit(20).toList();

      // Then
      assertThat(jobs)
          .allSatisfy(
              job -> assertThat(job.join().finishReason()).isEqualTo(FinishReason.END_OF_AUDIO));
    }
  }

  @Test
  void stopsAJobThatIsNotWanted() {
    try (WaitingSpeechModel model = new WaitingSpeechModel(1, FOREVER)) {
      assertThat(submit(model, frames -> false).join().finishReason())
          .isEqualTo(FinishReason.STOPPED);
    }
  }

  private static CompletableFuture<Speech> submit(
      WaitingSpeechModel model, FrameListener listener) {
    return model.submit(
        new Utterance(0, "Hello.", List.of()),
        SynthesisOptions.greedy(6),
        Urgency.NORMAL,
        listener);
  }
}
