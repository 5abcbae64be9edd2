package dev.utter.benchmarks.measure;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.utter.speech.torch.CpuIsa;
import dev.utter.speech.torch.TorchEngine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
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
    node.put("cpuOperators", TorchEngine.cpuOperators().map(CpuIsa::name).orElse("none"));
  }

  /**
   * The processor's name as the system reports it, with family and model, since a virtual machine
   * may hide the rest; else the architecture.
   */
  private static String cpu() {
    try (Stream<String> lines = Files.lines(CPUS)) {
      Map<String, String> first = new HashMap<>();
      lines
          .filter(line -> line.contains(":"))
          .map(line -> line.split(":", 2))
          .forEach(pair -> first.putIfAbsent(pair[0].strip(), pair[1].strip()));
      return first.containsKey("model name")
          ? "%s (family %s, model %s)"
              .formatted(first.get("model name"), first.get("cpu family"), first.get("model"))
          : System.getProperty("os.arch");
    } catch (IOException e) {
      return System.getProperty("os.arch");
    }
  }
}
