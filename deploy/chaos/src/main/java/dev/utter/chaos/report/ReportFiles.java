package dev.utter.chaos.report;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.utter.chaos.check.Verdict;
import dev.utter.chaos.check.Violation;
import dev.utter.chaos.history.Entry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Writes the reports of a run beside its history. */
public final class ReportFiles {
  private static final ObjectMapper JSON = new ObjectMapper();

  private ReportFiles() {}

  /**
   * Writes {@code report.md}, {@code report.json} and, where processes were sampled, {@code
   * memory.svg}.
   */
  public static void write(Path folder, List<Entry> history, Verdict verdict) throws IOException {
    Entry.Run run = (Entry.Run) history.get(0);
    List<Entry.Sample> samples =
        history.stream()
            .filter(Entry.Sample.class::isInstance)
            .map(Entry.Sample.class::cast)
            .toList();
    Growth growth = Growth.of(samples);
    Files.writeString(folder.resolve("report.md"), MarkdownReport.write(run, verdict, growth));
    Files.writeString(
        folder.resolve("report.json"),
        JSON.writerWithDefaultPrettyPrinter().writeValueAsString(json(run, verdict, growth))
            + "\n");
    if (run.kind().equals("soak")) {
      Files.writeString(folder.resolve("memory.svg"), SampleChart.draw(samples));
    }
  }

  private static ObjectNode json(Entry.Run run, Verdict verdict, Growth growth) {
    ObjectNode json =
        JSON.createObjectNode()
            .put("kind", run.kind())
            .put("seed", run.seed())
            .put("mutant", run.mutant())
            .put("holds", verdict.holds());
    ArrayNode violations = json.putArray("violations");
    for (Violation violation : verdict.violations()) {
      violations
          .addObject()
          .put("id", violation.id())
          .put("promise", violation.promise().name())
          .put("evidence", violation.evidence());
    }
    json.set("figures", JSON.valueToTree(verdict.figures()));
    json.set("processes", JSON.valueToTree(growth.lines()));
    return json;
  }
}
