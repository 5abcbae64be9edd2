package dev.utter.worker.synthesis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.utter.events.SynthesisRequested;
import dev.utter.events.Topics;
import dev.utter.speech.EngineStatistics;
import dev.utter.speech.audio.ffmpeg.AudioToolException;
import dev.utter.worker.intake.TestingDeliveries;
import dev.utter.worker.synthesis.job.Job;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The watches of the engine, of a generation and of the machine. */
class WatchesTest {
  private static final Duration LIMIT = Duration.ofMinutes(5);
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  private final AtomicLong now = new AtomicLong(7);
  private final TestingClock clock = new TestingClock(START);
  private EngineStatistics statistics = statistics(0, 0, 0, 0, 0);
  private final EngineWatch engine = new EngineWatch(() -> statistics, LIMIT, now::get);

  private static EngineStatistics statistics(
      int waiting, int prefilling, int running, long steps, long frames) {
    return new EngineStatistics(
        1,
        waiting,
        prefilling,
        running,
        0,
        0,
        steps,
        0,
        frames,
        0,
        new EngineStatistics.Prefixes(0, 0, 0, 0, 0, 0, 0),
        new EngineStatistics.Memory(0, 0, 0, 0, 0, 0));
  }

  private void look(EngineStatistics seen) {
    statistics = seen;
    engine.look();
  }

  @ParameterizedTest
  @CsvSource({"1, 0, 0", "0, 1, 0", "0, 0, 1"})
  void anEngineThatMakesNoProgressIsHungAfterTheLimit(int waiting, int prefilling, int running) {
    // Given
    look(statistics(waiting, prefilling, running, 3, 4));

    // When
    now.addAndGet(LIMIT.toNanos());
    look(statistics(waiting, prefilling, running, 3, 4));
    boolean before = engine.hung().isPresent();
    now.addAndGet(Duration.ofSeconds(1).toNanos());

    // Then
    assertThat(before).isFalse();
    assertThat(engine.hung()).hasValue("the engine has utterances and has made no frame for 301 s");
  }

  @ParameterizedTest
  @CsvSource({"4, 4", "3, 5"})
  void aStepOrAFrameIsProgress(long steps, long frames) {
    // Given
    look(statistics(0, 0, 1, 3, 4));
    now.addAndGet(LIMIT.plusSeconds(1).toNanos());

    // When
    look(statistics(0, 0, 1, steps, frames));

    // Then
    assertThat(engine.hung()).isEmpty();
  }

  @Test
  void anIdleEngineIsNeverHung() {
    // Given
    look(statistics(0, 0, 0, 3, 4));

    // When
    now.addAndGet(LIMIT.plusSeconds(1).toNanos());
    look(statistics(0, 0, 0, 3, 4));

    // Then
    assertThat(engine.hung()).isEmpty();
  }

  @Test
  void theFirstFrameIsNotReportedAndLaterOnesAreWithTheirTime() {
    // Given
    List<String> frames = new ArrayList<>();
    FrameWatch watch =
        new FrameWatch(
            job(),
            new SynthesisListener() {
              @Override
              public void frames(int count, Duration took) {
                frames.add(count + " in " + took.toMillis());
              }
            },
            clock);

    // When
    for (int frame : List.of(0, 1, 1, 3)) {
      assertThat(watch.onFrame(frame)).isTrue();
      clock.advance(Duration.ofMillis(80));
    }

    // Then
    assertThat(frames).containsExactly("2 in 160");
  }

  @Test
  void aGenerationEndsOnceItsJobIsNotWanted() {
    // Given
    Job job = job();
    FrameWatch watch = new FrameWatch(job, SynthesisListener.NONE, clock);
    boolean before = watch.raised();

    // When
    job.raise();
    job.cancel();

    // Then
    assertThat(watch.onFrame(0)).isFalse();
    assertThat(before).isFalse();
    assertThat(watch.raised()).isTrue();
  }

  @Test
  void aGenerationEndsAtItsDeadline() {
    // Given
    Job job = job();
    SynthesisRequested request =
        SynthesisRig.request("id", "Hello.").setDeadline(START.plusSeconds(1)).build();
    job.decoded(request);
    FrameWatch watch = new FrameWatch(job, SynthesisListener.NONE, clock);

    // Then
    assertThat(watch.onFrame(0)).isTrue();
    clock.advance(Duration.ofSeconds(1));
    assertThat(watch.onFrame(1)).isFalse();
  }

  private static Job job() {
    return new Job(TestingDeliveries.delivery(Topics.WORK_NORMAL, 0), START);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "No space left on device",
        "Disk quota exceeded",
        "too many open files",
        "Cannot allocate memory",
        "Resource temporarily unavailable",
        "Read-only file system"
      })
  void anExhaustedMachineIsNotTheFaultOfARequest(String message) {
    RuntimeException wrapped = new UncheckedIOException(new IOException(message));

    assertThat(MachineFailures.reason(new IllegalStateException(wrapped)))
        .get()
        .asString()
        .contains(message);
    assertThat(MachineFailures.reason(new IllegalStateException(message))).isEmpty();
  }

  @Test
  void aProgramThatCannotRunIsNotTheFaultOfARequestButAMissingFileIs() {
    assertThat(MachineFailures.reason(new AudioToolException("ffmpeg cannot be started")))
        .get()
        .asString()
        .contains("ffmpeg cannot be started");
    assertThat(MachineFailures.reason(new IOException((String) null))).isEmpty();
    assertThat(MachineFailures.reason(new FileNotFoundException("voice.wav"))).isEmpty();
  }
}
