package dev.utter.producer.command;

import dev.utter.events.ContextNote;
import dev.utter.events.RequestState;
import dev.utter.events.SynthesisCompleted;
import dev.utter.events.SynthesisFailed;
import dev.utter.producer.client.AudioStore;
import dev.utter.producer.client.RequestProgress;
import dev.utter.producer.json.ResultLine;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** Prints progress to the standard error stream and outcomes to the standard output. */
final class ResultPrinter {
  private final PrintWriter out;
  private final PrintWriter err;
  private final Options options;
  private final AccessOptions access;

  /** Options that say what to do with an outcome. */
  static final class Options {
    @Option(
        names = "--out",
        paramLabel = "DIR",
        description = "Download the clips into this folder.")
    private Path folder;

    @Option(names = "--json", description = "Print one line of JSON per request.")
    private boolean json;
  }

  ResultPrinter(CommandLine command, Options options, AccessOptions access) {
    out = command.getOut();
    err = command.getErr();
    this.options = options;
    this.access = access;
  }

  /** Prints that a record was refused because another request has its id. Thread-safe. */
  void refused(String id, SynthesisFailed refusal) {
    err.println(
        id
            + " a record was refused: "
            + refusal.getCode()
            + ", "
            + refusal.getMessage()
            + "; waiting for the outcome of the request that has this id");
    err.flush();
  }

  /** Prints a new state of a request. Thread-safe. */
  void progress(RequestProgress progress) {
    err.println(
        progress.requestId() + " " + progress.state().map(RequestState::name).orElse("PUBLISHED"));
    err.flush();
  }

  /** Downloads the clip of a completed request, if the options say so, and prints the outcome. */
  void result(RequestProgress result) throws IOException {
    Path clip = null;
    if (options.folder != null && result.completed().isPresent()) {
      clip = download(result.completed().get());
    }
    if (options.json) {
      var line = ResultLine.of(result);
      if (clip != null) {
        line.put("file", clip.toString());
      }
      out.println(line);
    } else if (result.failed().or(() -> unlessFinished(result)).isPresent()) {
      SynthesisFailed failure = result.failed().or(result::refused).orElseThrow();
      out.println(
          result.requestId() + " failed: " + failure.getCode() + ", " + failure.getMessage());
    } else {
      SynthesisCompleted completed = result.completed().orElseThrow();
      out.printf(
          Locale.ROOT,
          "%s completed: %.2f s in %s/%s, watermark %s%s%n",
          result.requestId(),
          completed.getDurationMillis() / 1000.0,
          completed.getAudio().getBucket(),
          completed.getAudio().getKey(),
          result.verified().orElseThrow().getVerdict(),
          clip == null ? "" : ", downloaded to " + clip);
      for (ContextNote note : completed.getContextNotes()) {
        out.printf(
            Locale.ROOT,
            "%s note: context %d at %.1f s: %s%n",
            result.requestId(),
            note.getContext(),
            note.getPositionMillis() / 1000.0,
            note.getMessage());
      }
    }
    out.flush();
  }

  private static Optional<SynthesisFailed> unlessFinished(RequestProgress result) {
    return result.isFinished() ? Optional.empty() : result.refused();
  }

  private Path download(SynthesisCompleted completed) throws IOException {
    String key = completed.getAudio().getKey();
    Path file = options.folder.resolve(key.substring(key.lastIndexOf('/') + 1));
    try (AudioStore store = new AudioStore(access.storage(System::getenv))) {
      store.download(completed.getAudio(), file);
    }
    return file;
  }
}
