package dev.utter.speech;

import dev.utter.speech.audio.AudioClip;

/**
 * Turns text and the audio of earlier turns into speech.
 *
 * <p>Threading: all methods but {@link #close} may be called from any threads at the same time; the
 * frame loops of several {@link #speak} calls run one after another. Close only after the last call
 * has returned.
 */
public interface SpeechModel extends AutoCloseable {

  /** What this model is. */
  ModelDescription description();

  /**
   * Encodes context audio.
   *
   * @param clip mono audio of any sample rate, resampled as needed, at least one sample
   * @return codes of shape {@code (frames, codebooks)}; the last frame may be partly silence
   */
  AudioCodes encode(AudioClip clip);

  /**
   * Most frames that can be generated for an utterance: what its prompt leaves free of {@link
   * ModelDescription#maxPositions}. Less than 1 if the prompt alone is too long.
   *
   * @throws InvalidUtteranceException if the utterance breaks a rule
   */
  int maxFrames(Utterance utterance);

  /**
   * Speaks.
   *
   * @param listener asked before every frame whether to go on
   * @throws InvalidUtteranceException if the utterance breaks a rule
   * @throws ContextTooLongException if prompt and {@link SynthesisOptions#maxFrames} together
   *     exceed the model's positions
   * @throws EmptyAudioException if the model ends before its first frame
   */
  Speech speak(Utterance utterance, SynthesisOptions options, FrameListener listener);

  /** Frees the native memory. Closing twice does nothing. */
  @Override
  void close();
}
