package dev.utter.worker.synthesis;

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
import dev.utter.speech.failure.ContextTooLongException;
import dev.utter.speech.failure.EmptyAudioException;
import dev.utter.speech.failure.EngineBrokenException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Where timing is the point: makes sound at once and does what the first word of the text says.
 * {@code hold} waits for {@link #release} or a stop, {@code halt} kills the process, {@code throw}
 * throws and {@code break} breaks the engine as often as the second word says, {@code exhaust} runs
 * out of memory, {@code mute} is empty, {@code long} does not fit, {@code crowded} leaves one
 * position free; anything else speaks.
 */
public class TestingSpeechModel implements SpeechModel {
  public static final ModelDescription DESCRIPTION =
      new ModelDescription("testing", "0123abcd", 24_000, 1920, 4, 100, 500);

  final List<String> spoken = new CopyOnWriteArrayList<>();
  final List<String> beginnings = new CopyOnWriteArrayList<>();
  final AtomicInteger encoded = new AtomicInteger();

  /** How many were generated at once, at most, while this text was. */
  final Map<String, Integer> company = new ConcurrentHashMap<>();

  private final Map<String, CountDownLatch> holds = new ConcurrentHashMap<>();
  private final Map<String, AtomicInteger> thrown = new ConcurrentHashMap<>();

  private final ExecutorService threads =
      Executors.newCachedThreadPool(
          task -> {
            Thread thread = new Thread(task, "testing-engine");
            thread.setDaemon(true);
            return thread;
          });
  private final Queue<String> running = new ConcurrentLinkedQueue<>();
  private final int slots;

  /**
   * Announces this number of slots. It accepts every utterance; the worker must keep to the number.
   */
  TestingSpeechModel(int slots) {
    this.slots = slots;
  }

  @Override
  public ModelDescription description() {
    return DESCRIPTION;
  }

  @Override
  public AudioCodes encode(AudioClip clip) {
    encoded.incrementAndGet();
    return new AudioCodes(4, new int[4 * (clip.length() / 1920 + 1)]);
  }

  @Override
  public int maxFrames(Utterance utterance) {
    return utterance.text().startsWith("crowded") ? 1 : DESCRIPTION.maxPositions();
  }

  void release(String text) {
    hold(text).countDown();
  }

  private CountDownLatch hold(String text) {
    return holds.computeIfAbsent(text, key -> new CountDownLatch(1));
  }

  @Override
  public int slots() {
    return slots;
  }

  @Override
  public CompletableFuture<Speech> submit(
      Utterance utterance, SynthesisOptions options, Urgency urgency, FrameListener listener) {
    return CompletableFuture.supplyAsync(
        () -> {
          String text = utterance.text();
          begin(text);
          try {
            return generate(text, options, listener);
          } finally {
            running.remove(text);
          }
        },
        threads);
  }

  @Override
  public EngineStatistics statistics() {
    return new EngineStatistics(
        slots,
        0,
        0,
        running.size(),
        0,
        0,
        0,
        0,
        0,
        0,
        new EngineStatistics.Prefixes(0, 0, 0, 0, 0, 0, 0),
        new EngineStatistics.Memory(0, 0, 0, 0, 0, 0));
  }

  private void begin(String text) {
    running.add(text);
    running.forEach(other -> company.merge(other, running.size(), Math::max));
  }

  private Speech generate(String text, SynthesisOptions options, FrameListener listener) {
    beginnings.add(text);
    System.out.println("SPEAKING " + text);
    String[] words = text.split(" ");
    switch (words[0]) {
      case "hold" -> {
        if (!held(text, listener)) {
          return speech(options, 1, FinishReason.STOPPED);
        }
      }
      case "halt" -> ChildWorker.signal(ProcessHandle.current().pid(), "KILL");
      case "throw" -> throwUpTo(words, text, new IllegalStateException("as asked"));
      case "exhaust" -> throw new OutOfMemoryError("as asked");
      case "break" -> throwUpTo(words, text, new EngineBrokenException("as asked", null));
      case "mute" -> throw new EmptyAudioException();
      case "long" -> throw new ContextTooLongException(400, 200, 500);
      default -> {
        if (!listener.onFrame(0)) {
          return speech(options, 1, FinishReason.STOPPED);
        }
      }
    }
    spoken.add(text);
    return speech(options, options.maxFrames(), FinishReason.MAX_DURATION);
  }

  private boolean held(String text, FrameListener listener) {
    try {
      int frame = 0;
      while (!hold(text).await(20, TimeUnit.MILLISECONDS)) {
        if (!listener.onFrame(frame++)) {
          return false;
        }
      }
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private void throwUpTo(String[] words, String text, RuntimeException failure) {
    int before = thrown.computeIfAbsent(text, key -> new AtomicInteger()).getAndIncrement();
    if (before < Integer.parseInt(words[1])) {
      throw failure;
    }
  }

  /** A chord under noise: something a mark can hide in. */
  private static Speech speech(SynthesisOptions options, int frames, FinishReason reason) {
    Random random = new Random(options.seed());
    float[] samples = new float[frames * DESCRIPTION.samplesPerFrame()];
    for (int i = 0; i < samples.length; i++) {
      double t = i / 24_000.0;
      double tone = Math.sin(2 * Math.PI * 220 * t) + Math.sin(2 * Math.PI * 554 * t);
      samples[i] = (float) (0.15 * tone + 0.1 * random.nextGaussian());
    }
    return new Speech(
        new AudioClip(samples, 24_000),
        new AudioCodes(4, new int[4 * frames]),
        reason,
        3,
        0,
        Duration.ZERO,
        Duration.ZERO,
        Duration.ZERO,
        Duration.ZERO);
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
