package dev.utter.cli.command.model;

import dev.utter.speech.hub.listing.FetchListener;
import dev.utter.speech.hub.listing.HubFile;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import java.util.function.LongSupplier;
import picocli.CommandLine.Model.CommandSpec;

/**
 * Shows the progress of a download: on a terminal in one line that is redrawn, elsewhere in a line
 * for every tenth and every file.
 */
final class FetchProgress implements FetchListener {

  private static final long NANOS_PER_SECOND = 1_000_000_000L;
  private static final long REDRAW_NANOS = NANOS_PER_SECOND / 4;
  private static final int BAR = 24;
  private static final int PARTS = 10;

  /** Return to the start of the line and clear it. */
  private static final String AGAIN = "\r\u001b[K";

  private final PrintWriter out;
  private final boolean terminal;
  private final LongSupplier nanoTime;
  private long total;
  private long complete;
  private long partial;
  private long received;
  private long begin;
  private long drawn;
  private long shownPart;
  private String name = "";

  /** Shows it on the standard error of a command. */
  static FetchProgress of(CommandSpec command) {
    // The launcher finds out whether standard error is a terminal.
    return new FetchProgress(
        command.commandLine().getErr(), Boolean.getBoolean("utter.terminal"), System::nanoTime);
  }

  /**
   * @param out where to show it
   * @param terminal whether {@code out} is a terminal
   * @param nanoTime a clock
   */
  FetchProgress(PrintWriter out, boolean terminal, LongSupplier nanoTime) {
    this.out = out;
    this.terminal = terminal;
    this.nanoTime = nanoTime;
  }

  /**
   * The download begins.
   *
   * @param bytes size of all files
   * @param complete size of those that need no download
   */
  void expect(long bytes, long complete) {
    this.total = bytes;
    this.complete = complete;
    this.begin = nanoTime.getAsLong();
    this.drawn = begin - REDRAW_NANOS;
    this.shownPart = part();
  }

  @Override
  public void begins(HubFile file, long from) {
    name = file.path();
    partial = from;
    draw();
  }

  @Override
  public void received(long bytes) {
    partial += bytes;
    received += Math.max(0, bytes);
    if (terminal) {
      if (nanoTime.getAsLong() - drawn >= REDRAW_NANOS) {
        draw();
      }
    } else if (part() > shownPart) {
      shownPart = part();
      out.println(status());
      out.flush();
    }
  }

  @Override
  public void finished(HubFile file) {
    complete += file.size();
    partial = 0;
    line(file.path() + ": " + bytes(file.size()));
    draw();
  }

  @Override
  public void waits(HubFile file) {
    line("Waiting for another download of " + file.path());
  }

  @Override
  public void retries(String reason, Duration wait) {
    line(reason + "; trying again in " + wait.toSeconds() + " s");
  }

  /** Ends the line that is redrawn. */
  void end() {
    if (terminal) {
      out.print(AGAIN);
      out.flush();
    }
  }

  private void line(String text) {
    out.println(terminal ? AGAIN + text : text);
    out.flush();
  }

  private void draw() {
    if (!terminal || total == 0) {
      return;
    }
    drawn = nanoTime.getAsLong();
    int full = (int) (BAR * done() / total);
    out.print(
        AGAIN + "[" + "=".repeat(full) + " ".repeat(BAR - full) + "] " + status() + "  " + name);
    out.flush();
  }

  private String status() {
    double seconds = (nanoTime.getAsLong() - begin) / (double) NANOS_PER_SECOND;
    double rate = seconds > 0 ? received / seconds : 0;
    String speed = rate > 0 ? ", " + bytes(Math.round(rate)) + "/s" : "";
    String left = rate > 0 ? ", " + time(Math.round((total - done()) / rate)) + " left" : "";
    return "%d %%, %s of %s%s%s"
        .formatted(100 * done() / Math.max(1, total), bytes(done()), bytes(total), speed, left);
  }

  private long done() {
    return Math.max(0, Math.min(total, complete + partial));
  }

  private long part() {
    return PARTS * done() / Math.max(1, total);
  }

  private static String time(long seconds) {
    return seconds < 3600
        ? "%d:%02d".formatted(seconds / 60, seconds % 60)
        : "%d:%02d:%02d".formatted(seconds / 3600, seconds / 60 % 60, seconds % 60);
  }

  /** A size for a person. */
  static String bytes(long bytes) {
    if (bytes < 1000) {
      return bytes + " bytes";
    }
    return bytes < 1_000_000_000
        ? String.format(Locale.ROOT, "%.1f MB", bytes / 1e6)
        : String.format(Locale.ROOT, "%.2f GB", bytes / 1e9);
  }
}
