package dev.utter.speech;

import dev.utter.speech.audio.AudioClip;
import dev.utter.speech.failure.ContextTooLongException;
import dev.utter.speech.failure.EmptyAudioException;
import dev.utter.speech.failure.EngineBrokenException;
import dev.utter.speech.failure.InvalidUtteranceException;
import java.util.concurrent.CompletableFuture;

/**
 * Turns text and the audio of earlier turns into speech.
 *
 * <p>Several utterances are generated at the same time, see {@link #slots}, on one thread, the
 * engine's.
 *
 * <p>Threading: all methods may be called from any threads at the same time.
 */
public interface SpeechModel extends AutoCloseable {

  /** Facts about this model. */
  ModelDescription description();

  /**
   * Encodes context audio.
   *
   * @param clip mono audio of any sample rate, resampled as needed, at least one sample
   * @return codes of shape {@code (frames, codebooks)}; the last frame may be partly silence
   */
  AudioCodes encode(AudioClip clip);

  /**
   * Maximum number of frames for an utterance: {@link ModelDescription#maxPositions} less the
   * positions of its prompt. Less than 1 if the prompt alone is too long.
   *
   * @throws InvalidUtteranceException if the utterance breaks a rule
   */
  int maxFrames(Utterance utterance);

  /** Utterances generated at the same time; further ones wait. */
  int slots();

  /**
   * Submits an utterance. It joins the running ones, or waits until it can.
   *
   * @param listener asked on the engine's thread before every frame, and while the utterance waits
   *     or its prompt is run, whether to go on
   * @return the speech. It is completed on the engine's thread: use the future's {@code Async}
   *     methods for anything longer than a few instructions. Errors come through the future, never
   *     from the call itself:
   *     <ul>
   *       <li>{@link InvalidUtteranceException} if the utterance breaks a rule,
   *       <li>{@link ContextTooLongException} if prompt and {@link SynthesisOptions#maxFrames}
   *           together exceed the model's positions,
   *       <li>{@link EmptyAudioException} if the model ends before its first frame,
   *       <li>any exception of the listener,
   *       <li>{@link EngineBrokenException} if the engine cannot go on, for this or any utterance,
   *       <li>{@link IllegalStateException} if the model is closed.
   *     </ul>
   *     Cancelling the future does not end the generation; the listener can.
   */
  CompletableFuture<Speech> submit(
      Utterance utterance, SynthesisOptions options, Urgency urgency, FrameListener listener);

  /**
   * Speaks: {@link #submit} with {@link Urgency#NORMAL}, and waits.
   *
   * @throws RuntimeException the exception that the future of {@link #submit} failed with
   */
  default Speech speak(Utterance utterance, SynthesisOptions options, FrameListener listener) {
    return Futures.join(submit(utterance, options, Urgency.NORMAL, listener));
  }

  /** Current and total numbers of the engine. */
  EngineStatistics statistics();

  /**
   * Frees the native memory. Utterances that are not finished fail with an {@link
   * IllegalStateException}. Closing twice does nothing.
   */
  @Override
  void close();
}
