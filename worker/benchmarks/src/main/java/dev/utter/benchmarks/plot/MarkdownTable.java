package dev.utter.benchmarks.plot;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Locale;

/** Results as a table in Markdown, with what they were measured on. */
final class MarkdownTable {
  private static final double GIB = 1L << 30;
  private static final double GIGA = 1e9;
  private static final String ABSENT = "–";

  private MarkdownTable() {}

  /**
   * The tables.
   *
   * @param lines of {@code bench engine --json}, at least one
   * @param qualities those that compare a precision with 32 bit; may be none
   */
  static String write(List<JsonNode> lines, List<JsonNode> qualities) {
    StringBuilder table = new StringBuilder();
    table.append(
        "| model | weights | streams | context | frames/s a stream | audio s/s | step p50, p95 ms |"
            + " first frame ms | context hit, miss ms | peak GiB | GB read a step | of bandwidth |"
            + " peer frames/s | ratio | to its 1 stream |\n");
    table.append("|---|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n");
    lines.forEach(line -> row(table, line));
    JsonNode last = lines.get(lines.size() - 1);
    JsonNode machine = last.path("machine");
    table.append(
        String.format(
            Locale.ROOT,
            "%n%s, CPU operators %s, %d threads; memory read with %.1f GB/s; %s; Java %s, libtorch %s",
            machine.path("cpu").asText(),
            machine.path("cpuOperators").asText(ABSENT),
            last.path("threads").asInt(),
            last.path("bandwidthBytesPerSecond").asDouble() / GIGA,
            machine.path("system").asText(),
            machine.path("java").asText(),
            machine.path("libtorch").asText()));
    lines.stream()
        .map(line -> line.path("peer").path("versions"))
        .filter(versions -> versions.has("transformers"))
        .findFirst()
        .ifPresent(
            versions ->
                table.append(
                    String.format(
                        Locale.ROOT,
                        ". Peer: transformers %s, torch %s, Python %s",
                        versions.path("transformers").asText(),
                        versions.path("torch").asText(),
                        versions.path("python").asText())));
    table.append(".\n");
    if (!qualities.isEmpty()) {
      table.append(
          "\n| model | weights | greedy codes equal to 32 bit | mean divergence, nats |\n"
              + "|---|---|---:|---:|\n");
      qualities.forEach(line -> quality(table, line));
    }
    return table.toString();
  }

  private static void quality(StringBuilder table, JsonNode line) {
    table.append(
        String.format(
            Locale.ROOT,
            "| %s | %s | %.2f %% of %d | %s |%n",
            line.path("model").asText(),
            line.path("precision").asText().toLowerCase(Locale.ROOT),
            line.path("greedyAgreement").asDouble() * 100,
            line.path("codes").asInt(),
            line.path("meanDivergenceNats").asText()));
  }

  private static void row(StringBuilder table, JsonNode line) {
    JsonNode peer = line.path("peer");
    String best = peer.path("best").asText();
    table.append(
        String.format(
            Locale.ROOT,
            "| %s | %s | %s | %d | %s | %s | %s, %s | %s | %s | %s | %.3g | %.0f %% | %s | %s | %s |%n",
            line.path("model").asText(),
            line.path("precision").asText().toLowerCase(Locale.ROOT),
            streams(line),
            line.path("context").asInt(),
            line.path("framesPerSecondPerStream").asText(),
            line.path("audioSecondsPerSecond").asText(),
            line.path("stepMillisP50").asText(),
            line.path("stepMillisP95").asText(),
            line.path("firstFrameMillis").asText(),
            line.has("contextHitFirstFrameMillis")
                ? line.path("contextHitFirstFrameMillis").asText()
                    + ", "
                    + line.path("contextMissFirstFrameMillis").asText()
                : ABSENT,
            line.has("peakMemoryBytes")
                ? String.format(Locale.ROOT, "%.2f", line.path("peakMemoryBytes").asDouble() / GIB)
                : ABSENT,
            line.path("bytesPerStep").asDouble() / GIGA,
            line.path("bandwidthShare").asDouble() * 100,
            peer.has("best")
                ? peer.path(best).path("framesPerSecondPerStream").asText() + " (" + best + ")"
                : ABSENT,
            ratio(line, "ratio"),
            ratio(line, "ratioToPeerBatch1")));
  }

  private static String streams(JsonNode line) {
    int busy = line.path("busyProcesses").asInt();
    return line.path("batch").asText() + (busy == 0 ? "" : ", " + busy + " busy beside");
  }

  private static String ratio(JsonNode line, String field) {
    return line.has(field) ? "**" + line.path(field).asText() + "**" : ABSENT;
  }
}
