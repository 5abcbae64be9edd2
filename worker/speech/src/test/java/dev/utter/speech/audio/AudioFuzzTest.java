package dev.utter.speech.audio;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.utter.speech.audio.decode.AudioDecoder;
import dev.utter.speech.audio.file.AudioFile;
import dev.utter.speech.audio.file.Part;
import dev.utter.speech.audio.file.UnreadableAudioException;
import java.time.Duration;
import java.util.List;

/** Untrusted audio files, up to the start of the decoder program. */
class AudioFuzzTest {
  private final AudioDecoder decoder = new AudioDecoder(AudioLimits.DEFAULT);

  @FuzzTest
  void aFileIsReadOrRefused(byte[] file) {
    try {
      List<Part> parts = AudioFile.parts(file);
      for (Part part : parts) {
        if (part.from() < 0 || part.to() < part.from() || part.to() > part.file().length) {
          throw new AssertionError("a part from " + part.from() + " to " + part.to());
        }
      }
      if (parts.stream().allMatch(part -> part.wave().isPresent())) {
        Recording recording = decoder.decode(file, DecodeOptions.ownRate());
        check(recording.clip());
      }
    } catch (UnreadableAudioException e) {
      if (e.getMessage().isBlank() || e.getMessage().length() > 2_000) {
        throw new AssertionError("a message of " + e.getMessage().length() + " characters", e);
      }
    }
  }

  private static void check(AudioClip clip) {
    if (clip.duration().compareTo(Duration.ZERO) <= 0) {
      throw new AssertionError("an empty clip");
    }
    for (float sample : clip.samples()) {
      if (!Float.isFinite(sample)) {
        throw new AssertionError("a sample of " + sample);
      }
    }
  }
}
