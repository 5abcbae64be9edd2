package dev.utter.benchmarks.quality;

import dev.utter.speech.audio.AudioClip;
import dev.utter.speech.audio.AudioLimits;
import dev.utter.speech.audio.FileFormat;
import dev.utter.speech.audio.encode.AudioEncoder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A command that is run for each clip, and its output. Words in braces are replaced; the command is
 * split at white space, and no shell reads it.
 */
final class ExternalCommand {
  private static final String WAV = "{wav}";
  private static final Duration LIMIT = Duration.ofMinutes(5);

  private final List<String> words;

  /**
   * @param template the command, with {@code {wav}} where the clip's file is wanted
   * @throws IllegalArgumentException if it has no {@code {wav}}
   */
  ExternalCommand(String template) {
    this.words = Arrays.asList(template.strip().split("\\s+"));
    if (!template.contains(WAV)) {
      throw new IllegalArgumentException("'" + template + "' has no {wav} for the clip's file");
    }
  }

  /** The program. */
  String program() {
    return words.get(0);
  }

  /**
   * Runs it for a clip.
   *
   * @param replacements further words in braces, and what takes their place
   * @return what it wrote to its output, without white space around it
   * @throws IllegalStateException if it cannot run, takes too long, or ends with another status
   *     than 0
   */
  String run(AudioClip clip, Map<String, String> replacements) {
    try {
      Path wav = Files.createTempFile("utter-quality-", ".wav");
      Path output = Files.createTempFile("utter-quality-", ".txt");
      try {
        Files.write(wav, new AudioEncoder(AudioLimits.DEFAULT).encode(clip, FileFormat.WAV_PCM16));
        run(wav, output, replacements);
        return Files.readString(output, StandardCharsets.UTF_8).strip();
      } finally {
        Files.delete(wav);
        Files.delete(output);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void run(Path wav, Path output, Map<String, String> replacements) throws IOException {
    List<String> command =
        words.stream()
            .map(word -> replaced(word.replace(WAV, wav.toString()), replacements))
            .toList();
    Process process;
    try {
      process =
          new ProcessBuilder(command)
              .redirectInput(Redirect.from(wav.toFile()))
              .redirectOutput(output.toFile())
              .redirectError(Redirect.INHERIT)
              .start();
    } catch (IOException e) {
      throw new IllegalStateException(program() + " cannot be run: " + e.getMessage(), e);
    }
    try {
      if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
        throw new IllegalStateException(
            program() + " took more than " + LIMIT.toMinutes() + " min");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(program() + " was interrupted", e);
    } finally {
      process.destroyForcibly();
    }
    if (process.exitValue() != 0) {
      throw new IllegalStateException(program() + " ended with status " + process.exitValue());
    }
  }

  private static String replaced(String word, Map<String, String> replacements) {
    String result = word;
    for (Map.Entry<String, String> replacement : replacements.entrySet()) {
      result = result.replace("{" + replacement.getKey() + "}", replacement.getValue());
    }
    return result;
  }
}
