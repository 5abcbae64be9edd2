package dev.utter.speech.torch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;

/** What the machine, or the container this process lives in, has left of its memory. */
final class HostMemory {

  private static final long BYTES_PER_KIB = 1024;

  private final Path proc;
  private final Path cgroup;

  /**
   * @param proc folder that holds Linux's {@code meminfo}
   * @param cgroup folder of this process's control group, version 2
   */
  HostMemory(Path proc, Path cgroup) {
    this.proc = proc;
    this.cgroup = cgroup;
  }

  /** Bytes that can still be allocated without others being driven out. */
  static long freeBytes() {
    return new HostMemory(Path.of("/proc"), Path.of("/sys/fs/cgroup")).available();
  }

  /** The less of machine and container; without Linux's files as much as the Java heap may take. */
  long available() {
    long machine =
        number(proc.resolve("meminfo"), "MemAvailable:").stream()
            .map(kib -> kib * BYTES_PER_KIB)
            .findFirst()
            .orElse(Runtime.getRuntime().maxMemory());
    OptionalLong limit = number(cgroup.resolve("memory.max"), "");
    OptionalLong used = number(cgroup.resolve("memory.current"), "");
    if (limit.isEmpty() || used.isEmpty()) {
      return machine;
    }
    long droppable = number(cgroup.resolve("memory.stat"), "inactive_file ").orElse(0);
    return Math.min(machine, limit.getAsLong() - used.getAsLong() + droppable);
  }

  /** The number after a prefix, on the first line that has it; nothing for files without. */
  private static OptionalLong number(Path file, String prefix) {
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
