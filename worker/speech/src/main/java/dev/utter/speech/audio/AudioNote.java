package dev.utter.speech.audio;

import java.time.Duration;
import java.util.Objects;

/**
 * Something about a recording that may spoil a voice taken from it.
 *
 * @param kind what it is
 * @param position where it begins, from the start of the recording
 * @param message one sentence with the numbers, fit for the caller's eyes
 */
public record AudioNote(Kind kind, Duration position, String message) {

  public AudioNote {
    Objects.requireNonNull(kind, "kind is null");
    Objects.requireNonNull(position, "position is null");
    Objects.requireNonNull(message, "message is null");
  }

  /** What may be remarkable. */
  public enum Kind {
    /** Nothing is heard for two seconds or more. */
    SILENCE,
    /** Samples lie on the highest or lowest value for several samples in a row. */
    CLIPPED,
    /** Samples lie outside -1..1. */
    OUT_OF_RANGE,
    /** The channels' average is nearly silent, so the loudest channel is used instead. */
    CHANNELS_CANCEL,
    /** The file holds several recordings, one behind the other. */
    SEVERAL_FILES,
    /** The file is cut or damaged; only a part of it is used. */
    DAMAGED,
    /** The recording is far shorter or longer than its text can be. */
    LENGTH_UNLIKELY
  }
}
