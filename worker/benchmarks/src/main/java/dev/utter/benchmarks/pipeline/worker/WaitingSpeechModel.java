package dev.utter.benchmarks.pipeline.worker;

import dev.utter.speech.AudioCodes;
import dev.utter.speech.EngineStatistics;
import dev.utter.speech.FinishReason;
import dev.utter.speech.FrameListener;
import dev.utter.speech.ModelDescription;
import dev.utter.speech.Speech;
import dev.utter.speech.SpeechModel;
import dev.utter.speech.SynthesisOptions;
import dev.utter.speech.Urgency;
import dev.utter.speech.Utterance;
import dev.utter.speech.audio.AudioClip;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Holds a slot for the time of a job without computing anything, and then returns half a second of
 * a tone. Jobs are served in the order of their arrival, whatever their urgency. The listener is
 * asked when a job gets its slot and when it is done.
 *
 * <p>Threading: methods may be called from any thread. One timer thread does the work.
 */
final class WaitingSpeechModel implements SpeechModel {
  private static final ModelDescription DESCRIPTION =
      new ModelDescription("waiting", "0", 24_000, 1920, 32, 2048, 2048);
  private static final int FRAMES = 6;
  private static final double HERTZ = 440;
  private static final double LOUDNESS = 0.1;

  private record Job(CompletableFuture<Speech> speech, FrameListener listener) {}

  private final int slots;
  private final Duration length;
  private final Speech spoken;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(task -> new Thread(task, "waiting-engine"));

  // Used only by the timer's thread.
  private final Queue<Job> waiting = new ArrayDeque<>();
  private int running;
  private long frames;

  private volatile EngineStatistics statistics;

  WaitingSpeechModel(int slots, Duration length) {
    this.slots = slots;
    this.length = length;
    spoken = speech(length);
    publish();
  }

  @Override
  public ModelDescription description() {
    return DESCRIPTION;
  }

  @Override
  public AudioCodes encode(AudioClip clip) {
    int length = Math.max(1, DESCRIPTION.frames(clip.duration()));
    return new AudioCodes(DESCRIPTION.codebooks(), new int[length * DESCRIPTION.codebooks()]);
  }

  @Override
  public int maxFrames(Utterance utterance) {
    return DESCRIPTION.maxPositions();
  }

  @Override
  public int slots() {
    return slots;
  }

  @Override
  public CompletableFuture<Speech> submit(
      Utterance utterance, SynthesisOptions options, Urgency urgency, FrameListener listener) {
    Job job = new Job(new CompletableFuture<>(), listener);
    timer.execute(
        () -> {
          waiting.add(job);
          fill();
        });
    return job.speech();
  }

  private void fill() {
    while (running < slots && !waiting.isEmpty()) {
      Job job = waiting.remove();
      if (job.listener().onFrame(0)) {
        running++;
        timer.schedule(() -> end(job), length.toNanos(), TimeUnit.NANOSECONDS);
      } else {
        job.speech().complete(stopped());
      }
    }
    publish();
  }

  private void end(Job job) {
    running--;
    frames += FRAMES;
    job.speech().complete(job.listener().onFrame(FRAMES) ? spoken : stopped());
    fill();
  }

  private void publish() {
    statistics =
        new EngineStatistics(
            slots,
            waiting.size(),
            0,
            running,
            0,
            0,
            frames,
            0,
            frames,
            0,
            new EngineStatistics.Prefixes(0, 0, 0, 0, 0, 0, 0),
            new EngineStatistics.Memory(0, 0, 0, 0, 0, 0));
  }

  @Override
  public EngineStatistics statistics() {
    return statistics;
  }

  private Speech stopped() {
    return new Speech(
        spoken.audio(),
        spoken.codes(),
        FinishReason.STOPPED,
        spoken.promptPositions(),
        0,
        length,
        Duration.ZERO,
        length,
        Duration.ZERO);
  }

  private static Speech speech(Duration length) {
    float[] samples = new float[FRAMES * DESCRIPTION.samplesPerFrame()];
    for (int i = 0; i < samples.length; i++) {
      samples[i] =
          (float) (LOUDNESS * Math.sin(2 * Math.PI * HERTZ * i / DESCRIPTION.sampleRate()));
    }
    return new Speech(
        new AudioClip(samples, DESCRIPTION.sampleRate()),
        new AudioCodes(DESCRIPTION.codebooks(), new int[FRAMES * DESCRIPTION.codebooks()]),
        FinishReason.END_OF_AUDIO,
        1,
        0,
        length,
        Duration.ZERO,
        length,
        Duration.ZERO);
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
