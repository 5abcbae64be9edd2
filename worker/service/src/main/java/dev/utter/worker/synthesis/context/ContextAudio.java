package dev.utter.worker.synthesis.context;

import dev.utter.speech.AudioCodes;
import dev.utter.speech.audio.AudioClip;
import dev.utter.speech.audio.AudioNote;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The audio of one context utterance, as far as it was needed. */
public sealed interface ContextAudio {

  /** Frames of codes it has or will have. */
  int frames();

  /** Notes on it. */
  List<AudioNote> notes();

  /** The same with one more note, if there is one. */
  ContextAudio with(Optional<AudioNote> note);

  /** Its codes are known. */
  record Encoded(AudioCodes codes, List<AudioNote> notes) implements ContextAudio {
    @Override
    public int frames() {
      return codes.frames();
    }

    @Override
    public ContextAudio with(Optional<AudioNote> note) {
      return note.isEmpty() ? this : new Encoded(codes, added(notes, note.get()));
    }

    /** Without what depends on the text that a request gives for the recording. */
    Encoded ofRecordingAlone() {
      return new Encoded(
          codes,
          notes.stream().filter(note -> note.kind() != AudioNote.Kind.LENGTH_UNLIKELY).toList());
    }

    boolean isDamaged() {
      return notes.stream().anyMatch(note -> note.kind() == AudioNote.Kind.DAMAGED);
    }
  }

  /** Still to be encoded, which is the engine's work and done after the start marker. */
  record Decoded(AudioClip clip, int frames, CodesCache.Key key, List<AudioNote> notes)
      implements ContextAudio {
    @Override
    public ContextAudio with(Optional<AudioNote> note) {
      return note.isEmpty() ? this : new Decoded(clip, frames, key, added(notes, note.get()));
    }
  }

  private static List<AudioNote> added(List<AudioNote> notes, AudioNote note) {
    return Stream.concat(notes.stream(), Stream.of(note)).toList();
  }
}
