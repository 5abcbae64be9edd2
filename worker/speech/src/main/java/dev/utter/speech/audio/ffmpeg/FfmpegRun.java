package dev.utter.speech.audio.ffmpeg;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * One run of ffmpeg as a child process. The shell sets limits on address space, processor time,
 * file size and descriptors, then becomes ffmpeg; if a limit cannot be set, ffmpeg does not start.
 * Where the platform has a {@link Sandbox}, ffmpeg runs in it. A watchdog kills it after the wall
 * time. It gets no environment and no terminal. Where the kernel has no limit on address space
 * (macOS), that limit is left out.
 */
public final class FfmpegRun implements AutoCloseable {
  private static final String LIMITED =
      "ulimit -c 0 && ulimit -t $2 && ulimit -f $3 && ulimit -n 16"
          + " && { [ $1 = none ] || ulimit -v $1; } || exit 125; shift 3;"
          + " LD_LIBRARY_PATH=$UTTER_FFMPEG_HOME DYLD_LIBRARY_PATH=$UTTER_FFMPEG_HOME"
          + " exec \"$@\"";

  private static final int LIMITS_NOT_SET = 125;
  private static final int NOT_FOUND = 127;
  private static final int LAST_SIGNAL = 128 + 31;

  /** ffmpeg ends with its negative error number modulo 256; these are ENOMEM and EAGAIN. */
  private static final Set<Integer> OUT_OF_MEMORY = Set.of(256 - 12, 256 - 11);

  private static final long LARGEST_HEADER = 1 << 16;
  private static final long BLOCK = 512;
  private static final boolean LINUX =
      System.getProperty("os.name").toLowerCase(Locale.ROOT).startsWith("linux");

  private final Process process;
  private final ErrorOutput errors;
  private final RunLimits limits;
  private final CompletableFuture<Void> watchdog;
  private volatile boolean expired;

  private FfmpegRun(Process process, RunLimits limits) {
    this.process = process;
    this.limits = limits;
    errors = ErrorOutput.of(process.getErrorStream());
    watchdog =
        CompletableFuture.runAsync(
            () -> {
              expired = true;
              // Not destroyForcibly of the process itself, which closes the pipes under a reader.
              process.toHandle().destroyForcibly();
            },
            CompletableFuture.delayedExecutor(limits.time().toMillis(), TimeUnit.MILLISECONDS));
  }

  /**
   * Starts ffmpeg.
   *
   * @param input the file that is its standard input, in which it may seek
   * @param output the file its standard output goes to; if empty, {@link #output()} reads it
   */
  public static FfmpegRun start(
      List<String> arguments,
      List<ByteBuffer> input,
      RunLimits limits,
      Optional<TemporaryFile> output) {
    Path program = FfmpegProgram.locate();
    try (TemporaryFile in = TemporaryFile.create()) {
      long inputBytes = input.stream().mapToLong(ByteBuffer::remaining).sum();
      in.write(input);
      long largest = output.isPresent() ? LARGEST_HEADER + 4 * inputBytes : 0;
      List<String> command = limited(Sandbox.prefix(program), program, arguments, limits, largest);
      ProcessBuilder builder = bare(command, program).redirectInput(in.path().toFile());
      output.ifPresent(file -> builder.redirectOutput(file.path().toFile()));
      Process process = builder.start();
      if (output.isPresent()) {
        output.get().removeName();
      }
      return new FfmpegRun(process, limits);
    } catch (IOException e) {
      throw new AudioToolException("ffmpeg cannot be started", e);
    }
  }

  /** A process in the root folder, with nothing of this process' environment. */
  static ProcessBuilder bare(List<String> command, Path program) {
    ProcessBuilder builder = new ProcessBuilder(command).directory(Path.of("/").toFile());
    Map<String, String> environment = builder.environment();
    environment.clear();
    environment.put("PATH", "/usr/bin:/bin:/usr/sbin:/sbin");
    environment.put(
        "UTTER_FFMPEG_HOME", requireNonNull(program.toAbsolutePath().getParent()).toString());
    // Otherwise the C library reserves 64 MiB of address space for every thread.
    environment.put("MALLOC_ARENA_MAX", "1");
    return builder;
  }

  /** The words of a command that sets limits in a sandbox and then becomes ffmpeg. */
  static List<String> limited(
      List<String> sandbox,
      Path program,
      List<String> arguments,
      RunLimits limits,
      long largestFile) {
    List<String> command = new ArrayList<>(sandbox);
    command.addAll(List.of("/bin/sh", "-c", LIMITED, "ffmpeg-limits"));
    command.add(LINUX ? Long.toString(limits.memoryBytes() / 1024) : "none");
    command.add(Long.toString(limits.time().toSeconds() + 1));
    command.add(Long.toString((largestFile + BLOCK - 1) / BLOCK));
    command.add(program.toString());
    command.addAll(List.of("-nostdin", "-hide_banner", "-loglevel", "level+error"));
    command.addAll(arguments);
    return command;
  }

  /** Process id of ffmpeg. */
  long pid() {
    return process.pid();
  }

  /** What ffmpeg writes to its standard output. */
  public InputStream output() {
    return process.getInputStream();
  }

  /**
   * Waits for the end.
   *
   * @return the error that ffmpeg reports, in one phrase; empty if there is none
   * @throws ToolLimitException if a limit ended it, or it crashed
   * @throws AudioToolException if it could not be started
   */
  public Optional<String> finish() {
    int status;
    try {
      status = process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AudioToolException("interrupted while waiting for ffmpeg", e);
    }
    watchdog.cancel(false);
    if (expired) {
      throw new ToolLimitException("ffmpeg did not finish within " + limits.time());
    }
    if (OUT_OF_MEMORY.contains(status)) {
      throw new ToolLimitException(
          "ffmpeg needs more than " + (limits.memoryBytes() >> 20) + " MiB of memory");
    }
    Optional<String> sandbox = errors.ofSandbox();
    if (status != 0 && sandbox.isPresent()) {
      throw new AudioToolException("the sandbox of ffmpeg cannot be made: " + sandbox.get());
    }
    if (status == LIMITS_NOT_SET) {
      throw new AudioToolException("the limits of ffmpeg cannot be set: " + errors.lastLine());
    }
    if (status > LIMITS_NOT_SET && status <= NOT_FOUND) {
      throw new AudioToolException("ffmpeg cannot be run: " + errors.lastLine());
    }
    if (status > NOT_FOUND && status <= LAST_SIGNAL) {
      throw new ToolLimitException("ffmpeg was ended by signal " + (status - NOT_FOUND - 1));
    }
    Optional<String> complaint = errors.complaint();
    return status == 0
        ? complaint
        : complaint.or(() -> Optional.of("the decoder ended with status " + status));
  }

  /** Kills it if it still runs, and waits until it is gone. */
  @Override
  public void close() {
    watchdog.cancel(false);
    process.destroyForcibly();
    process.onExit().join();
  }
}
