package dev.utter.speech.torch.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;

/**
 * Total and free memory of the machine or of the control group of this process. Control groups of
 * version 1 and 2 are read, with every group above: the smallest limit holds.
 */
public final class HostMemory {
  private static final long BYTES_PER_KIB = 1024;

  /** Bytes that other parts of this process will still take. */
  private static final AtomicLong RESERVED = new AtomicLong();

  /** Bytes of mapped files that this process uses all the time. */
  private static final AtomicLong MAPPED = new AtomicLong();

  private final Path root;

  /**
   * @param root folder that holds Linux's {@code proc} and {@code sys}
   */
  HostMemory(Path root) {
    this.root = root;
  }

  /**
   * Bytes that can still be allocated natively without swapping or killing others. Bytes by which
   * the Java heap can still grow, and {@linkplain #reserve reserved} ones, are not included.
   */
  public static long freeBytes() {
    Runtime java = Runtime.getRuntime();
    long heapGrowth = java.maxMemory() - java.totalMemory();
    return Math.max(0, here().available(MAPPED.get()) - heapGrowth - RESERVED.get());
  }

  /** Maximum memory of this process, in bytes. */
  public static long limitBytes() {
    return here().limit();
  }

  /** Sets how many bytes other parts of this process will still take. */
  public static void reserve(long bytes) {
    RESERVED.set(bytes);
  }

  /**
   * Adds to the bytes of mapped files that this process uses all the time. The system counts their
   * pages as free, because it could read them again.
   */
  public static void addMapped(long bytes) {
    MAPPED.addAndGet(bytes);
  }

  private static HostMemory here() {
    return new HostMemory(Path.of("/"));
  }

  /**
   * The minimum of the free memory of machine and control groups; without Linux's files, the
   * maximum of the Java heap.
   *
   * @param mapped bytes of mapped files that do not count as free
   */
  long available(long mapped) {
    LongStream groups =
        ControlGroup.path(root).stream()
            .mapToLong(group -> group.freeBytes(mapped))
            .filter(free -> free < Long.MAX_VALUE);
    OptionalLong machine = machine("MemAvailable:");
    return LongStream.concat(
            LongStream.of(
                machine.isPresent()
                    ? machine.getAsLong() - mapped
                    : Runtime.getRuntime().maxMemory()),
            groups)
        .min()
        .orElseThrow();
  }

  /**
   * The minimum of the limits of machine and control groups; without Linux's files, the maximum of
   * the Java heap.
   */
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
