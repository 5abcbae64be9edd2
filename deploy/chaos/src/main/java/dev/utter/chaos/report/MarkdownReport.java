package dev.utter.chaos.report;

import dev.utter.chaos.check.Bounds;
import dev.utter.chaos.check.Figures;
import dev.utter.chaos.check.Verdict;
import dev.utter.chaos.history.Entry;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** The report of a run in Markdown. */
final class MarkdownReport {
  private static final int SHOWN = 100;

  private final StringBuilder text = new StringBuilder();

  private MarkdownReport() {}

  static String write(Entry.Run run, Verdict verdict, Growth growth) {
    return new MarkdownReport().report(run, verdict, growth);
  }

  private String report(Entry.Run run, Verdict verdict, Growth growth) {
    Figures figures = verdict.figures();
    line("# chaos %s, seed %d%s", run.kind(), run.seed(), mutant(run));
    line("");
    line(
        verdict.holds()
            ? "**Every promise held.**"
            : "**" + verdict.violations().size() + " violations.**");
    line("");
    line("| | |");
    line("|---|---|");
    line("| duration | %d s |", figures.seconds());
    line("| workers at the beginning | %d |", run.workers());
    line("| records published | %s |", shown(figures.published()));
    line("| outcomes | %s |", shown(figures.outcomes()));
    line("| outcomes by attempt | %s |", shown(figures.attempts()));
    line("| objects | %d, the mark looked for in %d |", figures.objects(), figures.examined());
    line(
        "| slowest admission during a rolling restart | %s, bound %d ms |",
        millis(figures.slowestAdmissionMillis()), Bounds.ADMISSION.toMillis());
    line(
        "| slowest start beside a dead worker | %s, bound %d ms |",
        millis(figures.slowestBeginMillis()), Bounds.BEGIN.toMillis());
    faults(figures);
    processes(growth);
    violations(verdict);
    return text.toString();
  }

  private void faults(Figures figures) {
    if (figures.drains().isEmpty()) {
      return;
    }
    line("");
    line("| fault | | struck | lasted, s | until nothing waited, s |");
    line("|---:|---|---|---:|---:|");
    for (Figures.DrainTime drain : figures.drains()) {
      line(
          "| %d | %s | %s | %.1f | %.1f |",
          drain.number(),
          drain.name(),
          drain.target(),
          drain.faultMillis() / 1000.0,
          drain.drainMillis() / 1000.0);
    }
  }

  private void processes(Growth growth) {
    if (growth.lines().isEmpty()) {
      return;
    }
    line("");
    line("Medians of the second and of the last fifth of each process's samples:");
    line("");
    line("| process | samples | heap, MB | resident, MB | open files | threads |");
    line("|---|---:|---:|---:|---:|---:|");
    for (Growth.Line process : growth.lines()) {
      line(
          "| %s | %d | %s | %s | %s | %s |",
          process.worker(),
          process.samples(),
          shown(process.heapMegabytes()),
          shown(process.residentMegabytes()),
          shown(process.descriptors()),
          shown(process.threads()));
    }
  }

  private void violations(Verdict verdict) {
    if (verdict.holds()) {
      return;
    }
    line("");
    line("```");
    verdict.violations().stream().limit(SHOWN).forEach(violation -> line("%s", violation));
    if (verdict.violations().size() > SHOWN) {
      line("… and %d more", verdict.violations().size() - SHOWN);
    }
    line("```");
  }

  private static String mutant(Entry.Run run) {
    return run.mutant().isEmpty() ? "" : ", mutant " + run.mutant();
  }

  private static String shown(Map<?, Long> counts) {
    return counts.entrySet().stream()
        .map(count -> count.getKey() + " " + count.getValue())
        .collect(Collectors.joining(", "));
  }

  private static String shown(Growth.Pair pair) {
    return String.format(Locale.ROOT, "%.0f → %.0f", pair.early(), pair.late());
  }

  private static String millis(long millis) {
    return millis < 0 ? "not measured" : millis + " ms";
  }

  private void line(String format, Object... values) {
    text.append(values.length == 0 ? format : String.format(Locale.ROOT, format, values))
        .append('\n');
  }
}
