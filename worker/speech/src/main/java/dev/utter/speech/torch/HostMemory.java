package dev.utter.speech.torch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;

/**
 * What the machine, or the control group this process lives in, has of memory and has left of it.
 * Control groups of version 1 and 2 are read, and every group above this one too: the smallest
 * limit holds.
 */
final class HostMemory {
  private static final long BYTES_PER_KIB = 1024;

  /** What other parts of this process will still take. */
  private static final AtomicLong RESERVED = new AtomicLong();

  private final Path root;

  /**
   * @param root folder that holds Linux's {@code proc} and {@code sys}
   */
  HostMemory(Path root) {
    this.root = root;
  }

  /**
   * Bytes that can still be allocated natively without others being driven out: without what the
   * Java heap can still grow by, and without what is {@linkplain #reserve reserved}.
   */
  static long freeBytes() {
    Runtime java = Runtime.getRuntime();
    long heapGrowth = java.maxMemory() - java.totalMemory();
    return Math.max(0, here().available() - heapGrowth - RESERVED.get());
  }

  /** What this process may take at most. */
  static long limitBytes() {
    return here().limit();
  }

  /** Sets what is not free, because other parts of this process will still take it. */
  static void reserve(long bytes) {
    RESERVED.set(bytes);
  }

  private static HostMemory here() {
    return new HostMemory(Path.of("/"));
  }

  /** The least that machine or control groups have left; without Linux's files the Java heap. */
  long available() {
    LongStream groups =
        ControlGroup.path(root).stream()
            .mapToLong(ControlGroup::freeBytes)
            .filter(free -> free < Long.MAX_VALUE);
    return LongStream.concat(
            LongStream.of(machine("MemAvailable:").orElse(Runtime.getRuntime().maxMemory())),
            groups)
        .min()
        .orElseThrow();
  }

  /** The least that machine or control groups allow; without Linux's files the Java heap. */
  long limit() {
    LongStream groups =
        ControlGroup.path(root).stream()
            .map(ControlGroup::limitBytes)
            .filter(OptionalLong::isPresent)
            .mapToLong(OptionalLong::getAsLong);
    return LongStream.concat(
            LongStream.of(machine("MemTotal:").orElse(Runtime.getRuntime().maxMemory())), groups)
        .min()
        .orElseThrow();
  }

  private OptionalLong machine(String line) {
    OptionalLong kib = number(root.resolve("proc/meminfo"), line);
    return kib.isPresent() ? OptionalLong.of(kib.getAsLong() * BYTES_PER_KIB) : kib;
  }

  /**
   * The number after a prefix, on the first line that has it; nothing for files without. Version
   * 1's way of writing "no limit" is longer than any size of memory and counts as none.
   */
  static OptionalLong number(Path file, String prefix) {
    try {
      List<String> lines = Files.readAllLines(file);
      return lines.stream()
          .filter(line -> line.startsWith(prefix))
          .map(line -> line.substring(prefix.length()).strip().split(" ")[0])
          .filter(word -> word.matches("\\d{1,18}"))
          .mapToLong(Long::parseLong)
          .findFirst();
    } catch (IOException e) {
      return OptionalLong.empty();
    }
  }
}
