package dev.utter.worker.decoding;

import static dev.utter.worker.settings.source.SettingType.bytes;

import dev.utter.worker.settings.source.Setting;
import dev.utter.worker.settings.source.SettingDefault;
import dev.utter.worker.settings.source.SettingGroup;
import dev.utter.worker.settings.source.SettingsSource;

/** Settings of decoding; section {@code decoding}. */
public record DecodingSettings(long memoryBytes) {
  /** The settings. */
  public static final SettingGroup GROUP = new SettingGroup("decoding", "Decoding");

  private static final long MIN_MEMORY_BYTES = 1L << 20;

  private static final Setting<Long> MEMORY_BYTES =
      GROUP.advanced(
          "memoryBytes",
          bytes(MIN_MEMORY_BYTES, 1L << 40),
          SettingDefault.auto("a quarter of the heap"),
          "memory for audio files that are being decoded, in all roles together; a file that may"
              + " need more is decoded alone");

  /** Checks. */
  public DecodingSettings {
    MEMORY_BYTES.check(memoryBytes);
  }

  /** The defaults. */
  public static DecodingSettings defaults() {
    return read(SettingsSource.empty());
  }

  /** Reads the settings. */
  public static DecodingSettings read(SettingsSource source) {
    return new DecodingSettings(
        source
            .find(MEMORY_BYTES)
            .orElseGet(() -> Math.max(MIN_MEMORY_BYTES, Runtime.getRuntime().maxMemory() / 4)));
  }
}
