package dev.utter.speech.audio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FfmpegProgramTest {
  private static final String PLATFORM =
      FfmpegProgram.locate()
          .getParent()
          .getFileName()
          .toString()
          .replaceAll("^ffmpeg-(.*)-[0-9a-f]{16}$", "$1");

  @TempDir private Path cache;

  @Test
  void unpacksOnceAndThenFindsIt() throws Exception {
    Path program = FfmpegProgram.unpack(PLATFORM, cache);
    FileTime unpackedAt = Files.getLastModifiedTime(program);

    Path again = FfmpegProgram.unpack(PLATFORM, cache);

    assertThat(again).isEqualTo(program).isExecutable();
    assertThat(Files.getLastModifiedTime(again)).isEqualTo(unpackedAt);
    assertThat(cache)
        .isDirectoryContaining("glob:**/ffmpeg-*")
        .isDirectoryNotContaining("glob:**/unpacking-*");
  }

  @Test
  void severalProcessesMayUnpackAtOnce() {
    List<Path> programs =
        IntStream.range(0, 3)
            .parallel()
            .mapToObj(i -> FfmpegProgram.unpack(PLATFORM, cache))
            .distinct()
            .toList();

    assertThat(programs)
        .singleElement()
        .asInstanceOf(InstanceOfAssertFactories.PATH)
        .isExecutable();
    assertThat(cache).isDirectoryNotContaining("glob:**/unpacking-*");
  }

  @Test
  void namesAPlatformItHasNot() {
    assertThatThrownBy(() -> FfmpegProgram.unpack("solaris-sparc", cache))
        .isInstanceOf(AudioToolException.class)
        .hasMessageContaining("no ffmpeg for solaris-sparc")
        .hasMessageContaining("-Dutter.ffmpeg=PATH");
  }

  @Test
  void aRunOutOfTimeIsKilledAndIsNotTheFilesFault() {
    AudioLimits hasty =
        new AudioLimits(1 << 26, Duration.ofMinutes(59), Duration.ofMillis(100), 1L << 30);
    AudioClip longNoise = new AudioClip(noise(24_000 * 600), 24_000);

    assertThatThrownBy(() -> new AudioEncoder(hasty).encode(longNoise, FileFormat.OGG_OPUS))
        .isInstanceOf(AudioToolException.class)
        .hasMessageContaining("did not finish within PT0.1S");
  }

  @Test
  void aRunOutOfMemoryIsNotTheFilesFault() throws Exception {
    AudioClip clip = WatermarkReference.clip("codec.input");
    List<ByteBuffer> input = List.of(ByteBuffer.wrap(WaveWriter.float32Samples(clip.samples())));

    try (FfmpegRun run =
        FfmpegRun.start(
            List.of("-max_alloc", "10", "-f", "f32le", "-i", "fd:", "-f", "null", "-"),
            input,
            AudioLimits.DEFAULT,
            Optional.empty())) {
      run.output().readAllBytes();
      assertThatThrownBy(run::finish)
          .isInstanceOf(ToolLimitException.class)
          .hasMessage("ffmpeg needs more than 1024 MiB of memory");
    }
  }

  @Test
  void theLeastMemoryAllowedIsEnough() {
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
