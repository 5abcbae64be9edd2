package dev.utter.benchmarks.measure;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.utter.speech.torch.TorchEngine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** What a result was measured on. */
public final class Machine {
  private static final Path CPUS = Path.of("/proc/cpuinfo");

  private Machine() {}

  /** Puts what is known of the machine. */
  public static void describe(ObjectNode node) {
    node.put("cpu", cpu());
    node.put("processors", Runtime.getRuntime().availableProcessors());
    node.put("system", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
    node.put("java", System.getProperty("java.version"));
    node.put("libtorch", TorchEngine.version());
  }

  /** The processor's name as the system reports it, else the architecture. */
  private static String cpu() {
    try (Stream<String> lines = Files.lines(CPUS)) {
      return lines
          .filter(line -> line.startsWith("model name"))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElse(System.getProperty("os.arch"));
    } catch (IOException e) {
      return System.getProperty("os.arch");
    }
  }
}
