package dev.utter.benchmarks.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The table of the engine's capacity has the figures of the stored results, and no others. */
class CapacityPageTest {
  private static final Path ROOT = Path.of(System.getProperty("utter.home"));
  private static final Path PAGE = ROOT.resolve("docs/capacity.md");
  private static final Path RESULTS = ROOT.resolve("worker/benchmarks/results");
  private static final String BEGIN = "<!-- generated: begin -->\n";
  private static final String END = "<!-- generated: end -->\n";
  private static final String MODEL = "random csm-1b";
  private static final String NOT_MEASURED = "not measured";
  private static final double GIB = 1L << 30;
  private static final double MIB = 1L << 20;

  /** Files of results by name, and the machine of each. A file may be missing. */
  private static final Map<String, String> MACHINES = new LinkedHashMap<>();

  static {
    MACHINES.put("engine.jsonl", "2 cores, AMD EPYC (Zen 3, AVX2)");
    MACHINES.put("engine-zen4.jsonl", "2 cores, AMD EPYC (Zen 4, AVX-512 VNNI)");
    MACHINES.put("engine-zen5.jsonl", "2 cores, AMD EPYC (Zen 5, AVX-512 VNNI)");
    MACHINES.put("engine-cuda.jsonl", "NVIDIA GPU");
  }

  private final ObjectMapper mapper = new ObjectMapper();

  @Test
  void thePageHasTheMeasuredFigures() throws IOException {
    // Given
    String page = Files.readString(PAGE);

    // When
    String generated =
        page.substring(0, page.indexOf(BEGIN) + BEGIN.length())
            + table()
            + page.substring(page.indexOf(END));

    // Then
    Path target =
        Files.createDirectories(ROOT.resolve("worker/benchmarks/target")).resolve("capacity.md");
    Files.writeString(target, generated);
    assertThat(page)
        .as("differs from the results: cp %s %s", ROOT.relativize(target), ROOT.relativize(PAGE))
        .isEqualTo(generated);
  }

  private String table() throws IOException {
    StringBuilder table =
        new StringBuilder(
            "| device | weights | audio s/s, 1 utterance | audio s/s, 8 | real-time factor, 1 | of"
                + " each of 8 | memory of the process, 1 | a slot |\n"
                + "|---|---|---:|---:|---:|---:|---:|---:|\n");
    for (Map.Entry<String, String> machine : MACHINES.entrySet()) {
      List<JsonNode> results = results(machine.getKey());
      for (String precision : List.of("FLOAT32", "BFLOAT16", "FLOAT16", "INT8", "INT4")) {
        Optional<JsonNode> one = find(results, precision, 1);
        Optional<JsonNode> eight = find(results, precision, 8);
        table.append(
            "| %s | %s | %s | %s | %s | %s | %s | %s |\n"
                .formatted(
                    machine.getValue(),
                    precision,
                    cell(one.map(CapacityPageTest::audio)),
                    cell(eight.map(CapacityPageTest::audio)),
                    cell(one.map(result -> 1 / audio(result))),
                    cell(eight.map(result -> 8 / audio(result))),
                    one.map(result -> format(number(result, "peakMemoryBytes") / GIB) + " GiB")
                        .orElse(NOT_MEASURED),
                    one.map(
                            result ->
                                String.format(
                                    Locale.ROOT, "%.0f MiB", number(result, "slotBytes") / MIB))
                        .orElse(NOT_MEASURED)));
      }
    }
    return table.toString();
  }

  private List<JsonNode> results(String file) throws IOException {
    Path path = RESULTS.resolve(file);
    List<JsonNode> results = new ArrayList<>();
    if (Files.exists(path)) {
      for (String line : Files.readAllLines(path)) {
        results.add(mapper.readTree(line));
      }
    }
    return results;
  }

  private static Optional<JsonNode> find(List<JsonNode> results, String precision, int batch) {
    return results.stream()
        .filter(result -> result.path("benchmark").asText().equals("engine"))
        .filter(result -> result.path("model").asText().equals(MODEL))
        .filter(result -> result.path("precision").asText().equals(precision))
        .filter(result -> result.path("batch").asInt() == batch)
        .filter(result -> result.path("context").asInt() == 0)
        .findFirst();
  }

  private static double audio(JsonNode result) {
    return number(result, "audioSecondsPerSecond");
  }

  private static double number(JsonNode result, String field) {
    return result.required(field).asDouble();
  }

  private static String cell(Optional<Double> figure) {
    return figure.map(CapacityPageTest::format).orElse(NOT_MEASURED);
  }

  private static String format(double figure) {
    return String.format(Locale.ROOT, "%.2f", figure);
  }
}
