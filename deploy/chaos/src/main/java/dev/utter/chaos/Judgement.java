package dev.utter.chaos;

import dev.utter.chaos.check.Checker;
import dev.utter.chaos.check.Verdict;
import dev.utter.chaos.history.Entry;
import dev.utter.chaos.history.HistoryFile;
import dev.utter.chaos.report.ReportFiles;
import dev.utter.cli.command.ExitCodes;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;

/** Checks histories and reports the verdicts. */
final class Judgement {
  private Judgement() {}

  /** Checks a history against the promises, and writes the reports beside it. */
  static Verdict of(Path history, PrintWriter writer) throws IOException {
    List<Entry> entries = HistoryFile.read(history);
    Verdict verdict = Checker.check(entries);
    Path folder = history.toAbsolutePath().resolveSibling("");
    ReportFiles.write(folder, entries, verdict);
    verdict.violations().forEach(writer::println);
    writer.printf(
        "%s: %d outcomes, %d objects, %d violations; report: %s%n",
        verdict.holds() ? "every promise held" : "PROMISES BROKEN",
        verdict.figures().outcomes().values().stream().mapToLong(count -> count).sum(),
        verdict.figures().objects(),
        verdict.violations().size(),
        folder.resolve("report.md"));
    writer.flush();
    return verdict;
  }

  /** The exit status for a verdict. */
  static int exitCode(Verdict verdict) {
    return verdict.holds() ? ExitCodes.OK : ExitCodes.NO;
  }
}
