package dev.utter.cli.command.letters;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.utter.cli.command.ExitCodes;
import dev.utter.worker.operator.letters.Letter;
import java.io.PrintWriter;
import java.util.Optional;
import java.util.function.Function;

/** Does something with each dead letter, prints what, and counts. */
final class LetterWork {
  private final PrintWriter out;
  private final boolean json;
  private final String done;
  private final Function<Letter, Optional<String>> action;
  private int handled;
  private int refused;

  /**
   * Work on letters.
   *
   * @param done what is said of a letter with which it was done
   * @param action does it; answers why it was not
   */
  LetterWork(
      PrintWriter out, boolean json, String done, Function<Letter, Optional<String>> action) {
    this.out = out;
    this.json = json;
    this.done = done;
    this.action = action;
  }

  void accept(Letter letter) {
    Optional<String> refusal = action.apply(letter);
    if (refusal.isPresent()) {
      refused++;
    } else {
      handled++;
    }
    if (json) {
      ObjectNode line = LetterReport.json(letter);
      line.put("result", refusal.isPresent() ? "refused" : done);
      line.put("why", refusal.orElse(null));
      out.println(line);
    } else {
      out.println(
          refusal.map(why -> "refused (" + why + ")").orElse(done)
              + "  "
              + LetterReport.line(letter));
    }
    out.flush();
  }

  /** Prints the sum; says whether everything that was meant is done. */
  int finish(boolean dryRun) {
    if (!json) {
      out.println(
          "%s: %d, refused: %d%s"
              .formatted(
                  done, handled, refused, dryRun ? ". Nothing was changed; --yes does it" : ""));
    }
    out.flush();
    return handled > 0 && refused == 0 ? ExitCodes.OK : ExitCodes.NO;
  }
}
