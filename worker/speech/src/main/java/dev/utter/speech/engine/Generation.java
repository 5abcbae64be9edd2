package dev.utter.speech.engine;

import dev.utter.speech.AudioCodes;
import dev.utter.speech.FinishReason;
import dev.utter.speech.FrameListener;
import dev.utter.speech.Speech;
import dev.utter.speech.SynthesisOptions;
import dev.utter.speech.Urgency;
import dev.utter.speech.audio.AudioClip;
import dev.utter.speech.csm.KeyValues;
import dev.utter.speech.ending.FrameEnding;
import dev.utter.speech.mimi.MimiStream;
import dev.utter.speech.text.Prompt;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * One utterance on its way through the engine, and the native memory it holds.
 *
 * <p>Threading: made on any thread, then belongs to the engine's.
 */
public final class Generation {

  /** More urgent generations first, then older ones. */
  static final Comparator<Generation> ORDER =
      Comparator.<Generation, Urgency>comparing(generation -> generation.urgency)
          .thenComparingLong(generation -> generation.number);

  final Prompt prompt;
  final SynthesisOptions options;
  final CompletableFuture<Speech> future = new CompletableFuture<>();

  /** Part of {@link #ORDER}: it changes only while the generation is in no sorted set. */
  Urgency urgency;

  private final long number;
  private final FrameListener listener;
  private final FrameEnding ending;
  private final Samples samples;
  private final long submitted = System.nanoTime();
  private GenerationState state = GenerationState.WAITING;
  private Optional<KeyValues> keyValues = Optional.empty();
  private Optional<MimiStream> stream = Optional.empty();
  private int prefilled;
  private int reused;
  private int generated;
  private int[] latest;
  private long began;
  private long promptDone;
  private long firstFrame;
  private long latestFrame;

  /**
   * @param number position in the order of submission
   */
  public Generation(
      long number,
      Prompt prompt,
      SynthesisOptions options,
      Urgency urgency,
      FrameListener listener,
      FrameEnding ending) {
    this.number = number;
    this.prompt = prompt;
    this.options = options;
    this.urgency = urgency;
    this.listener = listener;
    this.ending = ending;
    this.samples = new Samples();
    this.began = submitted;
    this.promptDone = submitted;
    this.firstFrame = submitted;
    this.latestFrame = submitted;
    int last = prompt.positions() - 1;
    this.latest = prompt.rows(last, last + 1);
  }

  GenerationState state() {
    return state;
  }

  void move(GenerationState next) {
    if (!state.allows(next)) {
      throw new IllegalStateException("a generation that is " + state + " cannot become " + next);
    }
    state = next;
  }

  /** Whether the listener wants it to go on. */
  boolean wanted() {
    return listener.onFrame(ending.count());
  }

  /** Whether its listener now reports a higher urgency than it was submitted with. */
  boolean toBeRaised() {
    return urgency != Urgency.INTERACTIVE && listener.raised();
  }

  /** Gives it the highest urgency. */
  void raise() {
    urgency = Urgency.INTERACTIVE;
  }

  /** Its KV cache while it has no slot. */
  KeyValues keyValues() {
    return keyValues.orElseThrow(
        () -> new IllegalStateException("a generation that is " + state + " keeps no keys"));
  }

  /** Takes ownership. */
  void keep(KeyValues own) {
    keyValues = Optional.of(own);
  }

  void dropKeyValues() {
    keyValues.ifPresent(KeyValues::close);
    keyValues = Optional.empty();
  }

  long keptBytes() {
    return keyValues.map(KeyValues::bytes).orElse(0L);
  }

  /** Begins the prefill after the first {@code positions}, which were cached. Takes ownership. */
  void begin(KeyValues own, int positions) {
    move(GenerationState.PREFILLING);
    keep(own);
    began = System.nanoTime();
    reused = positions;
    prefilled = positions;
  }

  int prefilled() {
    return prefilled;
  }

  void prefilledTo(int position) {
    prefilled = position;
  }

  /** The prompt is done up to the position that the first step feeds. Takes ownership. */
  public void endPrefill(MimiStream own) {
    move(GenerationState.PREFILLED);
    stream = Optional.of(own);
    promptDone = System.nanoTime();
  }

  MimiStream stream() {
    return stream.orElseThrow(
        () -> new IllegalStateException("a generation that is " + state + " has no stream"));
  }

  boolean hasStream() {
    return stream.isPresent();
  }

  /** The position the next step feeds. */
  int position() {
    return prompt.positions() - 1 + generated;
  }

  /** Number of frames it was given, the ending one included. */
  int generated() {
    return generated;
  }

  /** The row the next step feeds. */
  int[] row() {
    return latest.clone();
  }

  /** Adds the frame of a step. Returns whether it was the last. */
  public boolean add(int[] frame) {
    latestFrame = System.nanoTime();
    if (generated == 0) {
      firstFrame = latestFrame;
    }
    generated++;
    latest = Arrays.copyOf(frame, frame.length + 1);
    latest[frame.length] = Prompt.NO_TEXT;
    return ending.add(frame).isPresent();
  }

  /** Number of its frames that have not been decoded. */
  int undecoded() {
    return Math.max(0, ending.count() - samples.frames());
  }

  AudioCodes undecodedCodes() {
    return new AudioCodes(prompt.rowWidth() - 1, ending.codes(samples.frames()));
  }

  /** Adds the samples of the frames that were not decoded. Returns whether they end it. */
  boolean addSamples(float[] decoded) {
    samples.add(decoded, undecoded());
    return ending.addSamples(decoded).isPresent();
  }

  /**
   * The result of the finished generation.
   *
   * @param stopped whether the listener ended it; an earlier reason wins
   */
  Speech speech(int sampleRate, int frameSamples, boolean stopped) {
    FinishReason reason = stopped ? FinishReason.STOPPED : ending.reason().orElseThrow();
    return new Speech(
        new AudioClip(samples.joined(ending.count() * frameSamples), sampleRate),
        new AudioCodes(prompt.rowWidth() - 1, ending.codes()),
        reason,
        prompt.positions(),
        reused,
        between(submitted, firstFrame),
        between(began, promptDone),
        between(promptDone, latestFrame),
        between(latestFrame, System.nanoTime()));
  }

  private static Duration between(long from, long to) {
    return Duration.ofNanos(Math.max(0, to - from));
  }

  /** Ends it and frees its native memory. */
  public void end() {
    move(GenerationState.DONE);
    dropKeyValues();
    stream.ifPresent(MimiStream::close);
    stream = Optional.empty();
  }
}
