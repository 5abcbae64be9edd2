package dev.utter.speech.audio;

import java.util.List;
import java.util.Objects;

/**
 * A decoded recording, with notes on properties that may spoil the voice taken from it.
 *
 * @param clip the sound; never empty
 * @param notes in the order of their positions; empty for an ordinary recording
 */
public record Recording(AudioClip clip, List<AudioNote> notes) {

  public Recording {
    Objects.requireNonNull(clip, "clip is null");
    notes = List.copyOf(notes);
  }
}
