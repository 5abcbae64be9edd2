package dev.utter.worker.synthesis;

import dev.utter.speech.AudioCodes;
import dev.utter.speech.audio.AudioClip;

/** The audio of one context utterance, as far as it was needed. */
sealed interface ContextAudio {

  /** Frames of codes it has or will have. */
  int frames();

  /** Its codes were known. */
  record Encoded(AudioCodes codes) implements ContextAudio {
    @Override
    public int frames() {
      return codes.frames();
    }
  }

  /** Still to be encoded, which is the engine's work and done after the start mark. */
  record Decoded(AudioClip clip, int frames, CodesCache.Key key) implements ContextAudio {}
}
