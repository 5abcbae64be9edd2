package dev.utter.worker.publisher;

import static java.util.Objects.requireNonNull;

import dev.utter.worker.rules.Excerpt;
import dev.utter.worker.settings.source.Setting;
import dev.utter.worker.settings.source.SettingDefault;
import dev.utter.worker.settings.source.SettingGroup;
import dev.utter.worker.settings.source.SettingType;
import dev.utter.worker.settings.source.SettingsException;
import dev.utter.worker.settings.source.SettingsSource;
import java.util.HashMap;
import java.util.Map;

/**
 * How publishers are identified, and what each may publish; section {@code publishers}.
 *
 * @param header name of the record header that has the publisher's key
 * @param limits of each publisher that has none of its own
 * @param overrides limits of single publishers, by key; that of records without header is {@link
 *     PublisherKey#NONE}
 */
public record PublisherSettings(
    String header, PublisherLimits limits, Map<String, PublisherLimits> overrides) {
  /** The settings beside those of {@link PublisherLimits}. */
  public static final SettingGroup GROUP = new SettingGroup("publishers", "Publishers");

  private static final int MAX_HEADER_CHARS = 100;

  private static final Setting<String> HEADER =
      GROUP.advanced(
          "header",
          SettingType.text()
              .must(
                  "1 to " + MAX_HEADER_CHARS + " characters",
                  name -> !name.isBlank() && name.length() <= MAX_HEADER_CHARS),
          PublisherKey.HEADER,
          "header of requests and cancellations that names their publisher");

  private static final Setting<Map<String, SettingsSource>> OVERRIDES =
      GROUP.advanced(
          "overrides",
          SettingType.sections(),
          SettingDefault.none(),
          "map of publishers to limits of their own, `team-a: {requestsPerMinute: 600}`; what a"
              + " publisher has no limit of its own for is the general one, 0 is none. Records"
              + " without the header are of `utter.requests`. In the environment as one YAML map,"
              + " which replaces those of the same name");

  /** Checks. */
  public PublisherSettings {
    HEADER.check(header);
    requireNonNull(limits, "limits is null");
    overrides = Map.copyOf(overrides);
    for (String publisher : overrides.keySet()) {
      if (!PublisherKey.isValid(publisher)) {
        throw new SettingsException(
            OVERRIDES
                + " has the publisher "
                + Excerpt.of(publisher)
                + ", must have "
                + PublisherKey.CHARACTERS);
      }
    }
  }

  /** The header that lanes use, no limits. */
  public static PublisherSettings defaults() {
    return read(SettingsSource.empty());
  }

  /** Reads the settings. */
  public static PublisherSettings read(SettingsSource source) {
    PublisherLimits general = PublisherLimits.read(source);
    Map<String, PublisherLimits> overrides = new HashMap<>();
    source
        .get(OVERRIDES)
        .forEach((publisher, own) -> overrides.put(publisher, PublisherLimits.read(own, general)));
    return new PublisherSettings(source.get(HEADER), general, overrides);
  }

  /** What one publisher may publish. */
  public PublisherLimits limitsOf(String publisher) {
    return overrides.getOrDefault(publisher, limits);
  }
}
