package dev.utter.benchmarks.quality;

import dev.utter.speech.audio.AudioClip;
import dev.utter.speech.audio.AudioLimits;
import dev.utter.speech.audio.decode.AudioDecoder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** A folder of recordings {@code NAME.wav}, each with its text in {@code NAME.txt}. */
final class Recordings implements ClipSource {
  private static final String WAV = ".wav";

  private final Path folder;
  private final List<Path> files;

  /**
   * @throws IllegalArgumentException if there is no recording, or one has no text
   */
  Recordings(Path folder) {
    this.folder = folder;
    try (Stream<Path> entries = Files.list(folder)) {
      files = entries.filter(file -> file.toString().endsWith(WAV)).sorted().toList();
    } catch (IOException e) {
      throw new IllegalArgumentException(folder + " is not a folder that can be read", e);
    }
    if (files.isEmpty()) {
      throw new IllegalArgumentException(folder + " has no recordings NAME.wav");
    }
    for (Path file : files) {
      if (!Files.isRegularFile(text(file))) {
        throw new IllegalArgumentException(file + " has no text beside it in " + text(file));
      }
    }
  }

  @Override
  public String model() {
    return String.valueOf(folder.toAbsolutePath().normalize().getFileName());
  }

  @Override
  public String precision() {
    return "recorded";
  }

  @Override
  public void forEach(Consumer<SpokenClip> clips) {
    AudioDecoder decoder = new AudioDecoder(AudioLimits.DEFAULT);
    for (Path file : files) {
      try {
        AudioClip clip = decoder.decode(Files.readAllBytes(file));
        clips.accept(
            new SpokenClip(
                name(file), Files.readString(text(file)), Optional.of(clip), Optional.empty()));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private static String name(Path file) {
    String name = file.getFileName().toString();
    return name.substring(0, name.length() - WAV.length());
  }

  private static Path text(Path file) {
    return file.resolveSibling(name(file) + ".txt");
  }
}
