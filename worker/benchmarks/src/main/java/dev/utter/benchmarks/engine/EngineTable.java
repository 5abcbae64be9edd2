package dev.utter.benchmarks.engine;

import dev.utter.benchmarks.engine.peer.PeerSide;
import java.util.Locale;
import java.util.Optional;

/** Results for people: one row a setting. */
final class EngineTable {
  static final String HEADING =
      String.format(
          "%-9s %5s %7s | %10s %10s %9s %9s %9s %9s %9s | %10s %-8s %7s %8s",
          "precision",
          "batch",
          "context",
          "frames/s",
          "audio s/s",
          "step p50",
          "step p95",
          "1st frame",
          "peak GiB",
          "bandwidth",
          "peer fr/s",
          "",
          "ratio",
          "to 1");

  private static final double GIB = 1L << 30;
  private static final double PERCENT = 100;

  private EngineTable() {}

  static String row(EngineResult result) {
    Optional<PeerSide> peer = result.other();
    return String.format(
        Locale.ROOT,
        "%-9s %5d %7d | %10.2f %10.2f %6.1f ms %6.1f ms %6.0f ms %9s %8.0f%% | %10s %-8s %7s %8s",
        result.setting().precision(),
        result.setting().batch(),
        result.setting().context(),
        result.framesPerSecond(),
        result.audioSecondsPerSecond(),
        result.stepMillis(0.5),
        result.stepMillis(0.95),
        result.firstFrameMillis(),
        result.memory().peakBytes().isPresent()
            ? String.format(Locale.ROOT, "%.2f", result.memory().peakBytes().getAsLong() / GIB)
            : "-",
        result.bandwidthShare() * PERCENT,
        peer.map(side -> number(side.median(side.best()))).orElse("-"),
        peer.map(side -> side.best().torchName()).orElse(""),
        result.ratio().map(ratio -> number(ratio) + "x").orElse("-"),
        result.ratioToPeerAlone().map(ratio -> number(ratio) + "x").orElse("-"));
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.2f", value);
  }
}
