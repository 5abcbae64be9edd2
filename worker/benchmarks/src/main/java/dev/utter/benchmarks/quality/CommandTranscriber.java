package dev.utter.benchmarks.quality;

import dev.utter.speech.audio.AudioClip;
import java.util.Map;

/** A command whose output is the transcript. */
record CommandTranscriber(ExternalCommand command) implements Transcriber {
  @Override
  public String name() {
    return command.program();
  }

  @Override
  public String transcribe(AudioClip clip) {
    return command.run(clip, Map.of());
  }
}
