package dev.utter.benchmarks.quality;

import dev.utter.speech.audio.AudioClip;
import java.nio.file.Path;
import java.util.Map;

/**
 * A command that prints how much a clip's voice is that of a recording, as a number.
 *
 * @param command it
 * @param reference the recording
 */
record Similarity(ExternalCommand command, Path reference) {
  /**
   * Runs it for a clip.
   *
   * @throws IllegalStateException if it fails or prints no number
   */
  double of(AudioClip clip) {
    String printed = command.run(clip, Map.of("reference", reference.toString()));
    try {
      return Double.parseDouble(printed);
    } catch (NumberFormatException e) {
      throw new IllegalStateException(
          command.program() + " printed '" + printed + "', which is no number", e);
    }
  }
}
