package dev.utter.worker.synthesis.cancellation;

import static dev.utter.worker.settings.source.SettingType.bytes;
import static java.util.Objects.requireNonNull;

import dev.utter.worker.settings.source.Setting;
import dev.utter.worker.settings.source.SettingGroup;
import dev.utter.worker.settings.source.SettingsSource;
import java.time.Duration;

/**
 * How much is remembered of cancellations; of section {@code synthesis}.
 *
 * @param maxBytes memory; beyond it the oldest are forgotten, with an error in the log
 * @param retention how long each is remembered: as long as admission remembers ids
 */
public record CancellationMemory(long maxBytes, Duration retention) {
  /** The settings. */
  public static final SettingGroup GROUP = new SettingGroup("synthesis", "Synthesis");

  private static final Setting<Long> MAX_BYTES =
      GROUP.advanced(
          "cancellationBytes",
          bytes(1),
          64L << 20,
          "memory for the ids of cancelled requests, about 400,000 by default; beyond it the oldest"
              + " are forgotten, with an error in the log. They are remembered for"
              + " `admission.retention`");

  /** Checks. */
  public CancellationMemory {
    MAX_BYTES.check(maxBytes);
    requireNonNull(retention, "retention is null");
  }

  /** The defaults, for 7 days. */
  public static CancellationMemory defaults() {
    return read(SettingsSource.empty(), Duration.ofDays(7));
  }

  /** Reads the settings. */
  public static CancellationMemory read(SettingsSource source, Duration retention) {
    return new CancellationMemory(source.get(MAX_BYTES), retention);
  }
}
