package dev.utter.speech.audio;

import dev.utter.speech.audio.decode.AudioDecoder;
import dev.utter.speech.audio.ffmpeg.AudioToolException;
import dev.utter.speech.audio.file.UnreadableAudioException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;

/** A program that decodes each file of a folder four times at once and prints what came of it. */
final class DecodingProgram {
  private static final int AT_ONCE = 4;

  private DecodingProgram() {}

  public static void main(String... arguments) throws Exception {
    AudioDecoder decoder = new AudioDecoder(AudioLimits.DEFAULT);
    ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE);
    List<Path> files;
    try (Stream<Path> found = Files.list(Path.of(arguments[0]))) {
      files = found.sorted().toList();
    }
    for (Path file : files) {
      List<Callable<String>> decodes = new ArrayList<>();
      for (int i = 0; i < AT_ONCE; i++) {
        decodes.add(() -> decode(decoder, file));
      }
      for (Future<String> result : threads.invokeAll(decodes)) {
        System.out.println(file.getFileName() + ": " + result.get());
      }
    }
    threads.shutdown();
    Path status = Path.of("/proc/self/status");
    if (Files.exists(status)) {
      Files.readAllLines(status).stream()
          .filter(line -> line.startsWith("VmHWM"))
          .forEach(System.out::println);
    }
  }

  private static String decode(AudioDecoder decoder, Path file) {
    try {
      return decoder.decode(Files.readAllBytes(file), DecodeOptions.atRate(24_000)).clip()
          + " decoded";
    } catch (UnreadableAudioException | AudioToolException e) {
      return e.getMessage();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
