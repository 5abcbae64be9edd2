package dev.utter.cli.command.letters;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.utter.cli.command.ExitCodes;
import dev.utter.worker.operator.letters.Letter;
import java.io.PrintWriter;
import java.util.Optional;
import java.util.function.Function;

/** Applies an action to each dead letter, prints the result, and counts. */
final class LetterWork {
  private final PrintWriter out;
  private final boolean json;
  private final String done;
  private final Function<Letter, Optional<String>> action;
  private int handled;
  private int refused;

  /**
   * Makes the work.
   *
   * @param done printed for a letter when the action succeeded
   * @param action acts on a letter; returns the reason if it refuses, else empty
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

  /** Prints the totals, and returns the exit status: whether all selected letters were handled. */
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
