package dev.utter.worker.start;

import dev.utter.worker.failure.WorkerBrokenException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * Adds up the memory that the parts of a worker may take, and compares the sum with the limit of
 * the process. A process that goes past the limit of its container is killed in the middle of its
 * work, and that counts as an attempt of every running request.
 *
 * <p>Threading: one thread.
 */
public final class MemoryPlan {
  private static final Logger LOGGER = LoggerFactory.getLogger(MemoryPlan.class);

  private final Map<String, Part> parts = new LinkedHashMap<>();

  private record Part(long bytes, String remedy) {}

  /**
   * Adds a part.
   *
   * @param name name in the log
   * @param bytes how much it may take; 0 leaves it out
   * @param remedy what makes it smaller, for the message
   */
  public MemoryPlan add(String name, long bytes, String remedy) {
    if (bytes > 0) {
      parts.put(name, new Part(bytes, remedy));
    }
    return this;
  }

  /** The parts and their sum, in bytes. */
  @Override
  public String toString() {
    return parts.entrySet().stream()
            .map(part -> part.getKey() + " " + part.getValue().bytes())
            .collect(Collectors.joining(" + "))
        + " = "
        + totalBytes();
  }

  /** All parts together. */
  public long totalBytes() {
    return parts.values().stream().mapToLong(Part::bytes).sum();
  }

  /**
   * Logs the plan and checks it against the limit.
   *
   * @throws WorkerBrokenException if the parts together may take more, with all numbers and what to
   *     lower
   */
  public void check(long limitBytes) {
    LoggingEventBuilder line = LOGGER.atInfo();
    for (Map.Entry<String, Part> part : parts.entrySet()) {
      line = line.addKeyValue(part.getKey() + "Bytes", part.getValue().bytes());
    }
    line.addKeyValue("totalBytes", totalBytes())
        .addKeyValue("limitBytes", limitBytes)
        .log("Memory is divided");
    if (totalBytes() > limitBytes) {
      throw new WorkerBrokenException(
          "memory does not fit: "
              + this
              + " bytes, but this process may take "
              + limitBytes
              + "; give it more, or "
              + parts.values().stream()
                  .map(Part::remedy)
                  .filter(remedy -> !remedy.isEmpty())
                  .collect(Collectors.joining(", or ")));
    }
  }
}
