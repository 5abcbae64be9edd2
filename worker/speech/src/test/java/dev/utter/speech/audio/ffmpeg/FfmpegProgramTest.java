package dev.utter.speech.audio.ffmpeg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
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
  void whatIsNotAsItWasPackagedIsUnpackedAgain() throws Exception {
    // Given
    Path program = FfmpegProgram.unpack(PLATFORM, cache);
    byte[] packaged = Files.readAllBytes(program);
    byte[] changed = packaged.clone();
    changed[changed.length / 2] ^= 1;
    Files.write(program, changed);
    Path planted = Files.write(program.resolveSibling("libm.so.6"), new byte[10]);

    // When
    Path again = FfmpegProgram.unpack(PLATFORM, cache);

    // Then
    assertThat(Files.readAllBytes(again)).isEqualTo(packaged);
    assertThat(planted).doesNotExist();
    Files.write(planted, new byte[10]);
    FfmpegProgram.unpack(PLATFORM, cache);
    assertThat(planted).doesNotExist();
  }

  @Test
  void filesOfProcessesThatWereKilledAreRemoved() throws Exception {
    // Given
    Path old = Files.createDirectory(cache.resolve(TemporaryFile.PREFIX + "old"));
    Files.write(old.resolve("input"), new byte[10]);
    Path other = Files.write(cache.resolve("other"), new byte[10]);
    Path fresh = Files.write(cache.resolve(TemporaryFile.PREFIX + "fresh"), new byte[10]);
    Instant now = Instant.now();
    Files.setLastModifiedTime(old, FileTime.from(now.minus(Duration.ofHours(1))));
    Files.setLastModifiedTime(other, FileTime.from(now.minus(Duration.ofHours(1))));

    // When
    Folders.sweep(cache, now);

    // Then
    assertThat(cache).isDirectoryNotContaining("glob:**/utter-audio-old");
    assertThat(other).exists();
    assertThat(fresh).exists();
  }

  @Test
  void aFileHasNoNameBeforeItHasContent() throws Exception {
    try (TemporaryFile file = TemporaryFile.create()) {
      assumeThat(Path.of("/proc/self/fd")).exists();
      assertThat(Files.readSymbolicLink(file.path()).toString()).endsWith(" (deleted)");

      // When
      file.write(List.of(ByteBuffer.wrap(new byte[] {1, 2, 3})));

      // Then
      assertThat(Files.readAllBytes(file.path())).containsExactly(1, 2, 3);
      assertThat(file.read()).containsExactly(1, 2, 3);
    }
  }

  @Test
  void aRunLeavesNoFileInTheTemporaryFolderEvenWhileItIsRunning() {
    try (FfmpegRun run =
        FfmpegRun.start(
            List.of("-re", "-f", "s16le", "-i", "fd:", "-f", "s16le", "pipe:1"),
            List.of(ByteBuffer.wrap(new byte[1 << 20])),
            RunLimits.DEFAULT,
            Optional.empty())) {
      Path descriptor = Path.of("/proc/" + run.pid() + "/fd/0");
      assumeThat(descriptor).exists();
      assertThat(Files.readSymbolicLink(descriptor).toString()).endsWith(" (deleted)");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void hasNoNetworkWhereTheSandboxIsThere() throws Exception {
    // Given
    assumeThat(Sandbox.prefix(FfmpegProgram.locate())).contains("unshare");
    try (FfmpegRun run =
        FfmpegRun.start(
            List.of("-re", "-f", "s16le", "-i", "fd:", "-f", "s16le", "pipe:1"),
            List.of(ByteBuffer.wrap(new byte[1 << 20])),
            RunLimits.DEFAULT,
            Optional.empty())) {
      run.output().read();

      // Then
      Path theirs = Path.of("/proc/" + run.pid() + "/ns/net");
      assertThat(Files.readSymbolicLink(theirs))
          .isNotEqualTo(Files.readSymbolicLink(Path.of("/proc/self/ns/net")));
      assertThat(Files.readString(Path.of("/proc/" + run.pid() + "/net/dev")))
          .doesNotContain("eth");
      assertThat(Files.readString(Path.of("/proc/" + run.pid() + "/status")))
          .contains("CapEff:\t0000000000000000", "NoNewPrivs:\t1");
      assertThat(Files.readString(Path.of("/proc/" + run.pid() + "/limits")))
          .containsPattern("Max open files +16 ")
          .containsPattern("Max address space +1073741824 ")
          .containsPattern("Max file size +0 ")
          .containsPattern("Max cpu time +31 ");
    }
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
}
