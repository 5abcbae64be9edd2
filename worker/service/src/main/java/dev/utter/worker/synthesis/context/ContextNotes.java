package dev.utter.worker.synthesis.context;

import dev.utter.events.ContextNote;
import dev.utter.events.ContextNoteKind;
import dev.utter.speech.audio.AudioNote;
import java.util.ArrayList;
import java.util.List;

/** Notes on context audio as they stand in events. */
public final class ContextNotes {
  private ContextNotes() {}

  public static List<ContextNote> of(List<ContextAudio> context) {
    List<ContextNote> notes = new ArrayList<>();
    for (int i = 0; i < context.size(); i++) {
      for (AudioNote note : context.get(i).notes()) {
        notes.add(
            ContextNote.newBuilder()
                .setContext(i)
                .setKind(ContextNoteKind.valueOf(note.kind().name()))
                .setPositionMillis(note.position().toMillis())
                .setMessage(note.message())
                .build());
      }
    }
    return notes;
  }
}
