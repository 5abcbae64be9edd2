package dev.utter.speech.audio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.utter.speech.audio.decode.AudioDecoder;
import dev.utter.speech.audio.encode.AudioEncoder;
import dev.utter.speech.audio.encode.WaveWriter;
import dev.utter.speech.audio.ffmpeg.AudioToolException;
import dev.utter.speech.audio.ffmpeg.FfmpegRun;
import dev.utter.speech.audio.ffmpeg.RunLimits;
import dev.utter.speech.audio.ffmpeg.ToolLimitException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The child process does its work within its limits, and none without them. */
final class ChildProcessTest {
  @TempDir private Path folder;

  @Test
  void decodesAfterStart() {
    new AudioDecoder(AudioLimits.DEFAULT).selfCheck();
  }

  @Test
  void nothingIsDecodedWhereALimitCannotBeSet() throws Exception {
    // Given: less processor time than ffmpeg's own limit, and no right to raise it
    List<String> hardLimit = List.of("prlimit", "--cpu=20:20");
    assumeThat(Path.of("/usr/bin/prlimit")).exists();
    List<String> raise = new ArrayList<>(hardLimit);
    raise.addAll(List.of("/bin/sh", "-c", "ulimit -t 31"));
    assumeThat(new ProcessBuilder(raise).start().waitFor()).isNotZero();
    Path files = Files.createDirectory(folder.resolve("files"));
    Files.write(files.resolve("sound.flac"), SampleFiles.encoded("flac", "-c:a flac"));
    List<String> decode = new ArrayList<>(hardLimit);
    decode.addAll(
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            DecodingProgram.class.getName(),
            files.toString()));
    Path output = folder.resolve("output");

    // When
    Process process =
        new ProcessBuilder(decode)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    boolean ended = process.waitFor(1, TimeUnit.MINUTES);
    process.destroyForcibly();

    // Then
    assertThat(ended).isTrue();
    assertThat(Files.readString(output))
        .contains("sound.flac: the limits of ffmpeg cannot be set")
        .doesNotContain("decoded");
  }

  @Test
  void aRunThatTimesOutIsKilledAndDoesNotBlameTheFile() {
    AudioLimits hasty =
        new AudioLimits(1 << 26, Duration.ofMinutes(59), Duration.ofMillis(100), 1L << 30);
    AudioClip longNoise = new AudioClip(noise(24_000 * 600), 24_000);

    assertThatThrownBy(() -> new AudioEncoder(hasty).encode(longNoise, FileFormat.OGG_OPUS))
        .isInstanceOf(AudioToolException.class)
        .hasMessageContaining("did not finish within PT0.1S");
  }

  @Test
  void aRunWithoutEnoughMemoryDoesNotBlameTheFile() throws Exception {
    AudioClip clip = WatermarkReference.clip("codec.input");
    List<ByteBuffer> input = List.of(ByteBuffer.wrap(WaveWriter.float32Samples(clip.samples())));

    try (FfmpegRun run =
        FfmpegRun.start(
            List.of("-max_alloc", "10", "-f", "f32le", "-i", "fd:", "-f", "null", "-"),
            input,
            RunLimits.DEFAULT,
            Optional.empty())) {
      run.output().readAllBytes();
      assertThatThrownBy(run::finish)
          .isInstanceOf(ToolLimitException.class)
          .hasMessage("ffmpeg needs more than 1024 MiB of memory");
    }
  }

  @Test
  void theMinimumMemoryIsEnough() {
    AudioLimits least =
        new AudioLimits(1 << 26, Duration.ofMinutes(1), Duration.ofSeconds(30), 512L << 20);
    AudioClip clip = WatermarkReference.clip("codec.input");

    for (FileFormat format : FileFormat.values()) {
      byte[] file = new AudioEncoder(least).encode(clip, format);
      assertThat(new AudioDecoder(least).decode(file).duration()).isEqualTo(clip.duration());
    }
  }

  private static float[] noise(int length) {
    Random random = new Random(1);
    float[] samples = new float[length];
    for (int i = 0; i < length; i++) {
      samples[i] = random.nextFloat() - 0.5f;
    }
    return samples;
  }
}
