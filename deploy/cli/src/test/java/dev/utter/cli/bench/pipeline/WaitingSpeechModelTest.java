package dev.utter.cli.bench.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.utter.speech.EngineStatistics;
import dev.utter.speech.FinishReason;
import dev.utter.speech.FrameListener;
import dev.utter.speech.Speech;
import dev.utter.speech.SynthesisOptions;
import dev.utter.speech.Urgency;
import dev.utter.speech.Utterance;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class WaitingSpeechModelTest {
  private static final Duration FOREVER = Duration.ofDays(1);

  @Test
  void holdsASlotForEachJobAndLetsFurtherOnesWait() throws InterruptedException {
    try (WaitingSpeechModel model = new WaitingSpeechModel(2, FOREVER)) {
      // Given
      CountDownLatch begun = new CountDownLatch(2);

      // When
      for (int i = 0; i < 3; i++) {
        submit(
            model,
            frames -> {
              begun.countDown();
              return true;
            });
      }
      begun.await();
      // A job that is refused at once: when it has its answer, those before it have been seen.
      CompletableFuture<Speech> after = submit(model, frames -> false);

      // Then
      EngineStatistics statistics = model.statistics();
      assertThat(statistics.running()).isEqualTo(2);
      assertThat(statistics.slots()).isEqualTo(2);
      assertThat(after).isNotDone();
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
