package dev.utter.benchmarks.profile;

import dev.utter.benchmarks.profile.DeviceProfile.Gaps;
import dev.utter.benchmarks.profile.StepProfile.Share;
import dev.utter.benchmarks.profile.trace.DeviceWork.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A profile as lines of text. */
final class ProfileTable {
  private static final String ROW = "%-34s %9.1f %10.3f %6.1f%%";
  private static final double MILLIS = 1e3;
  private static final double PERCENT = 100;
  private static final double GIGA = 1e9;
  private static final int OPERATORS_SHOWN = 16;

  private ProfileTable() {}

  static List<String> lines(ProfileResult result) {
    ProfileSettings settings = result.settings();
    StepProfile profile = result.profile();
    List<String> lines = new ArrayList<>();
    lines.add(
        String.format(
            Locale.ROOT,
            "%s, %s on %s, batch %d, context %d: %.2f ms a step (%.2f ms while recorded)",
            result.model(),
            settings.engine().precision(),
            settings.engine().device(),
            settings.batch(),
            settings.context(),
            result.millis(),
            result.recordedMillis()));
    lines.add(
        String.format(
            Locale.ROOT,
            "reads %.4f GB a step, memory gives %.2f GB/s: bound %.2f ms, used %.0f%% of it",
            result.bytesPerStep() / GIGA,
            result.bandwidth() / GIGA,
            result.boundMillis(),
            result.bandwidthShare() * PERCENT));
    lines.add(
        String.format(
            Locale.ROOT,
            "%.0f operators called by the program, %.0f with those they call, %.0f of them work",
            profile.operators(),
            profile.calls(),
            profile.kernels()));
    lines.add(String.format("%-34s %9s %10s %7s", "category", "calls", "own ms", "share"));
    profile.categories().values().forEach(share -> lines.add(row(share)));
    lines.add(String.format("%-34s %9s %10s %7s", "operator", "calls", "own ms", "share"));
    profile.heaviest().stream().limit(OPERATORS_SHOWN).forEach(share -> lines.add(row(share)));
    result.device().ifPresent(device -> add(lines, device));
    return lines;
  }

  private static void add(List<String> lines, DeviceProfile device) {
    Gaps gaps = device.gaps();
    lines.add(
        String.format(
            Locale.ROOT,
            "GPU: %.0f kernels by %.0f launches, busy %.3f of %.3f ms",
            device.kernels(),
            device.launches(),
            device.busyMicros() / MILLIS,
            device.spanMicros() / MILLIS));
    lines.add(
        String.format(
            Locale.ROOT,
            "%.0f gaps of %.3f ms together, %.0f%% of it; half within %.1f us, 95%% within %.1f us",
            gaps.count(),
            gaps.micros() / MILLIS,
            gaps.share() * PERCENT,
            gaps.medianMicros(),
            gaps.p95Micros()));
    lines.add(
        String.format(
            Locale.ROOT,
            "copies to the GPU %.1f, from it %.1f, within it %.1f, fills %.1f; waited for it %.1f times",
            device.copies(Kind.HOST_TO_DEVICE),
            device.copies(Kind.DEVICE_TO_HOST),
            device.copies(Kind.DEVICE_TO_DEVICE),
            device.copies(Kind.FILL),
            device.synchronisations()));
    lines.add(String.format("%-34s %9s %10s %7s", "on the GPU", "count", "ms", "share"));
    device.categories().values().forEach(share -> lines.add(row(share)));
  }

  private static String row(Share share) {
    return String.format(
        Locale.ROOT,
        ROW,
        share.name(),
        share.calls(),
        share.micros() / MILLIS,
        share.share() * PERCENT);
  }
}
