package dev.utter.worker.publisher;

import dev.utter.worker.settings.source.Setting;
import dev.utter.worker.settings.source.SettingGroup;
import dev.utter.worker.settings.source.SettingType;
import dev.utter.worker.settings.source.SettingsSource;
import java.util.List;

/**
 * What one publisher may publish; of section {@code publishers}.
 *
 * @param requestsPerMinute requests; 0 for any number
 * @param audioSecondsPerMinute expected audio of the texts, in seconds; 0 for any
 */
public record PublisherLimits(int requestsPerMinute, int audioSecondsPerMinute) {
  /** The settings. */
  public static final SettingGroup GROUP = new SettingGroup("publishers", "Publishers");

  private static final Setting<Integer> REQUESTS_PER_MINUTE =
      GROUP.advanced(
          "requestsPerMinute",
          SettingType.integer(0),
          0,
          "requests that one publisher may publish in a minute; 0 for no limit; the same in every"
              + " worker");

  private static final Setting<Integer> AUDIO_SECONDS_PER_MINUTE =
      GROUP.advanced(
          "audioSecondsPerMinute",
          SettingType.integer(0),
          0,
          "seconds of audio that the texts of one publisher may come to in a minute; 0 for no"
              + " limit; the same in every worker");

  /** No limits. */
  public static final PublisherLimits NONE = new PublisherLimits(0, 0);

  /** Checks that neither is negative. */
  public PublisherLimits {
    REQUESTS_PER_MINUTE.check(requestsPerMinute);
    AUDIO_SECONDS_PER_MINUTE.check(audioSecondsPerMinute);
  }

  /** Reads the limits of every publisher. */
  static PublisherLimits read(SettingsSource source) {
    return new PublisherLimits(
        source.get(REQUESTS_PER_MINUTE), source.get(AUDIO_SECONDS_PER_MINUTE));
  }

  /** Reads the limits of one publisher, which has the general ones where it has none of its own. */
  static PublisherLimits read(SettingsSource own, PublisherLimits general) {
    own.refuseUnknownInFile(List.of(REQUESTS_PER_MINUTE, AUDIO_SECONDS_PER_MINUTE));
    return new PublisherLimits(
        own.find(REQUESTS_PER_MINUTE).orElse(general.requestsPerMinute()),
        own.find(AUDIO_SECONDS_PER_MINUTE).orElse(general.audioSecondsPerMinute()));
  }

  /** Whether there is a limit. */
  public boolean limited() {
    return requestsPerMinute > 0 || audioSecondsPerMinute > 0;
  }

  /** Text for messages. */
  @Override
  public String toString() {
    String requests = requestsPerMinute + " requests a minute";
    String audio = audioSecondsPerMinute + " s of audio a minute";
    if (requestsPerMinute == 0) {
      return audioSecondsPerMinute == 0 ? "no limit" : audio;
    }
    return audioSecondsPerMinute == 0 ? requests : requests + " and " + audio;
  }
}
