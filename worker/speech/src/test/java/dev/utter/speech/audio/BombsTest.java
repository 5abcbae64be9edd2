package dev.utter.speech.audio;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that expand, four at once, against a small heap. */
final class BombsTest {
  @TempDir private Path folder;

  @Test
  void aSmallHeapSurvivesFourBombsAtOnceAndDecodesTheNextGoodFile() throws Exception {
    // Given
    Path files = Files.createDirectory(folder.resolve("files"));
    BombFiles.write(files, SampleFiles.encoded("mp3", "-c:a libmp3lame"));
    Files.write(files.resolve("8.wav"), SampleFiles.wav());
    Path output = folder.resolve("output");

    // When
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-XX:+ExitOnOutOfMemoryError",
                "-cp",
                System.getProperty("java.class.path"),
                DecodingProgram.class.getName(),
                files.toString())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    boolean ended = process.waitFor(5, TimeUnit.MINUTES);
    process.destroyForcibly();

    // Then
    List<String> lines = Files.readAllLines(output);
    assertThat(ended).as(lines.toString()).isTrue();
    assertThat(process.exitValue()).as(lines.toString()).isZero();
    every(lines, "1.flac", "FLAC sample rate is 768000 Hz, must be 1000 to 192000");
    every(lines, "2.flac", "AudioClip\\[42\\d{5} samples at 24000 Hz\\] decoded");
    every(lines, "3.opus", "Ogg channels is 255, must be 1 to 64");
    every(lines, "4.mp3", "AudioClip\\[48000 samples at 24000 Hz\\] decoded");
    every(lines, "5.wav", "AudioClip\\[120000 samples at 24000 Hz\\] decoded");
    every(lines, "6.flac", "FLAC sample rate is 655350 Hz, must be 1000 to 192000");
    every(lines, "7.flac", "AudioClip\\[42\\d{5} samples at 24000 Hz\\] decoded");
    every(lines, "8.wav", "AudioClip\\[48000 samples at 24000 Hz\\] decoded");
  }

  private static void every(List<String> lines, String file, String result) {
    assertThat(lines.stream().filter(line -> line.startsWith(file)))
        .hasSize(4)
        .allSatisfy(line -> assertThat(line).matches(file + ": (" + result + ")"));
  }
}
