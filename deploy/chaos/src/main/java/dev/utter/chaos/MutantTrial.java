package dev.utter.chaos;

import dev.utter.chaos.check.Verdict;
import dev.utter.chaos.mutant.Mutant;
import dev.utter.chaos.mutant.MutantBuild;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;

/** A short run of workers with a deliberate defect. */
final class MutantTrial {
  private MutantTrial() {}

  /** Runs the workers, and returns whether the checker found a promise that the defect breaks. */
  static boolean isCaught(Mutant mutant, RunOptions options, PrintWriter out) throws Exception {
    Path folder = options.out("mutant").resolve(mutant.words() + "-" + options.seed());
    Path classes = MutantBuild.build(mutant, RunOptions.home(), folder);
    Verdict verdict =
        options.run(
            ChaosSettings.brief(options.seed(), RunOptions.model(), folder)
                .with(mutant.words(), List.of(classes)));
    boolean caught =
        verdict.violations().stream()
            .anyMatch(violation -> mutant.breaks().contains(violation.promise()));
    out.println(mutant.words() + (caught ? ": caught" : ": NOT CAUGHT"));
    out.flush();
    return caught;
  }
}
