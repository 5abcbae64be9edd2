package dev.utter.worker.synthesis.fair;

import dev.utter.speech.Urgency;
import dev.utter.worker.settings.source.Setting;
import dev.utter.worker.settings.source.SettingGroup;
import dev.utter.worker.settings.source.SettingType;
import dev.utter.worker.settings.source.SettingsException;
import dev.utter.worker.settings.source.SettingsSource;

/**
 * Guaranteed shares of lanes while more urgent ones have work. INTERACTIVE takes precedence and
 * gets everything that is not guaranteed to the others.
 *
 * @param normalPercent of NORMAL while it has work
 * @param bulkPercent of BULK while it has work
 */
public record LaneShares(int normalPercent, int bulkPercent) {
  /** The settings. */
  public static final SettingGroup GROUP = new SettingGroup("synthesis", "Synthesis");

  private static final int MAX_TOGETHER = 90;

  private static final Setting<Integer> NORMAL_SHARE =
      GROUP.advanced(
          "normalShare",
          SettingType.integer(0, MAX_TOGETHER),
          20,
          "percent of the slots, over time, that NORMAL keeps while more urgent lanes have work; at"
              + " most 90 with BULK's");

  private static final Setting<Integer> BULK_SHARE =
      GROUP.advanced(
          "bulkShare",
          SettingType.integer(0, MAX_TOGETHER),
          5,
          "percent of the slots, over time, that BULK keeps while more urgent lanes have work");

  /** Checks. */
  public LaneShares {
    NORMAL_SHARE.check(normalPercent);
    BULK_SHARE.check(bulkPercent);
    if (normalPercent + bulkPercent > MAX_TOGETHER) {
      throw new SettingsException(
          "%s and %s are %d and %d, must be at most %d together"
              .formatted(NORMAL_SHARE, BULK_SHARE, normalPercent, bulkPercent, MAX_TOGETHER));
    }
  }

  /** The defaults. */
  public static LaneShares defaults() {
    return read(SettingsSource.empty());
  }

  /** Reads the settings. */
  public static LaneShares read(SettingsSource source) {
    return new LaneShares(source.get(NORMAL_SHARE), source.get(BULK_SHARE));
  }

  /** What a lane earns for each unit that others are given, so that it gets its share over time. */
  double earnedPerUnit(Urgency lane) {
    double share =
        switch (lane) {
          case INTERACTIVE -> 0;
          case NORMAL -> normalPercent / 100.0;
          case BULK -> bulkPercent / 100.0;
        };
    return share / (1 - share);
  }
}
