package dev.utter.speech.audio;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * One run of ffmpeg as a child process. The shell sets limits on address space, processor time and
 * file size, then becomes ffmpeg; a watchdog kills it after the wall time. It gets no environment,
 * no terminal, and a folder of its own. Where the kernel has no limit on address space (macOS) that
 * one is left out.
 */
final class FfmpegRun implements AutoCloseable {
  private static final String LIMITED =
      "ulimit -v $1 2>/dev/null; ulimit -t $2; ulimit -f $3; ulimit -c 0; shift 3; exec \"$@\"";

  private static final int CANNOT_EXECUTE = 126;
  private static final int LAST_SIGNAL = 128 + 31;

  /** ffmpeg ends with its negative error number modulo 256; these are ENOMEM and EAGAIN. */
  private static final Set<Integer> OUT_OF_MEMORY = Set.of(256 - 12, 256 - 11);

  private static final int MESSAGE_LENGTH = 200;
  private static final long BLOCK = 512;

  private final Process process;
  private final Path errors;
  private final AudioLimits limits;
  private final CompletableFuture<Void> watchdog;
  private volatile boolean expired;

  private FfmpegRun(Process process, Path errors, AudioLimits limits) {
    this.process = process;
    this.errors = errors;
    this.limits = limits;
    watchdog =
        CompletableFuture.runAsync(
            () -> {
              expired = true;
              process.destroyForcibly();
            },
            CompletableFuture.delayedExecutor(limits.toolTime().toMillis(), TimeUnit.MILLISECONDS));
  }

  /**
   * Starts ffmpeg with standard input from a file and standard output to a pipe.
   *
   * @param largestFile bytes any file it writes may have
   */
  static FfmpegRun start(
      List<String> arguments, Path input, Path folder, AudioLimits limits, long largestFile) {
    Path program = FfmpegProgram.locate();
    List<String> command = new ArrayList<>(List.of("/bin/sh", "-c", LIMITED, "ffmpeg-limits"));
    command.add(Long.toString(limits.toolMemoryBytes() / 1024));
    command.add(Long.toString(limits.toolTime().toSeconds() + 1));
    command.add(Long.toString(largestFile / BLOCK + 1));
    command.add(program.toString());
    command.addAll(List.of("-nostdin", "-hide_banner", "-loglevel", "error"));
    command.addAll(arguments);
    Path errors = folder.resolve("errors");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectInput(input.toFile())
            .redirectError(errors.toFile());
    Map<String, String> environment = builder.environment();
    environment.clear();
    Path home = program.toAbsolutePath().getParent();
    environment.put("LD_LIBRARY_PATH", home.toString());
    environment.put("DYLD_LIBRARY_PATH", home.toString());
    // Otherwise the C library reserves 64 MiB of address space for every thread.
    environment.put("MALLOC_ARENA_MAX", "1");
    try {
      return new FfmpegRun(builder.start(), errors, limits);
    } catch (IOException e) {
      throw new AudioToolException("ffmpeg cannot be started", e);
    }
  }

  /** What ffmpeg writes to its standard output. */
  InputStream output() {
    return process.getInputStream();
  }

  /**
   * Waits for the end.
   *
   * @return whether ffmpeg is content; if not, {@link #complaint()} tells why
   * @throws AudioToolException if it ran out of time, was killed or never came up
   */
  boolean finish() {
    int status;
    try {
      status = process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AudioToolException("interrupted while waiting for ffmpeg", e);
    }
    watchdog.cancel(false);
    if (expired) {
      throw new AudioToolException("ffmpeg did not finish within " + limits.toolTime());
    }
    if (status >= CANNOT_EXECUTE && status <= LAST_SIGNAL || OUT_OF_MEMORY.contains(status)) {
      throw new AudioToolException("ffmpeg ended with status " + status + ": " + complaint());
    }
    return status == 0;
  }

  /**
   * The last line of ffmpeg's error output that is its own, shortened, without control characters.
   */
  String complaint() {
    try (InputStream in = Files.newInputStream(errors)) {
      String text = new String(in.readNBytes(1 << 16), StandardCharsets.UTF_8);
      String last =
          text.lines()
              .filter(line -> !line.isBlank() && !line.contains("no version information"))
              .reduce((earlier, later) -> later)
              .orElse("no message")
              .replaceAll("\\p{Cntrl}", "?");
      return last.substring(0, Math.min(last.length(), MESSAGE_LENGTH));
    } catch (IOException e) {
      return "no message";
    }
  }

  /** Kills it if it still runs, and waits until it is gone. */
  @Override
  public void close() {
    watchdog.cancel(false);
    process.destroyForcibly();
    process.onExit().join();
  }
}
