package dev.utter.worker.streams.topics;

import dev.utter.events.TopicSpec;
import dev.utter.events.TopicSpec.Cleanup;
import dev.utter.events.TopicSpec.Retention;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compares a topic's configuration with its specification.
 *
 * @param spec what it should be
 * @param config what it is, by Kafka's names
 * @param idsRemembered how long request ids are remembered
 * @param commands that correct a topic
 */
record TopicSettings(
    TopicSpec spec, Map<String, String> config, Duration idsRemembered, TopicCommands commands) {
  private static final Logger LOGGER = LoggerFactory.getLogger(TopicSettings.class);

  /** Adds what breaks a guarantee; logs what is merely unusual. */
  void check(List<TopicDifference> defects) {
    checkCleanup(defects);
    checkRetention(defects);
    int limit = (int) number(TopicSpec.MAX_MESSAGE_BYTES, Integer.MAX_VALUE);
    if (limit < spec.minMessageBytes()) {
      defects.add(
          defect(
              TopicSpec.MAX_MESSAGE_BYTES,
              "it must take records of " + spec.minMessageBytes() + " bytes",
              Integer.toString(Math.max(spec.minMessageBytes(), spec.createdMessageBytes()))));
    }
  }

  private void checkCleanup(List<TopicDifference> defects) {
    String policy = config.getOrDefault(TopicSpec.CLEANUP_POLICY, spec.cleanupPolicy());
    if (policy.equals(spec.cleanupPolicy())) {
      return;
    }
    if (spec.cleanup() == Cleanup.COMPACT && policy.contains("compact")) {
      warn(TopicSpec.CLEANUP_POLICY, "rows also disappear by age");
      return;
    }
    String why =
        spec.cleanup() == Cleanup.COMPACT
            ? "rows disappear by age"
            : "earlier records of a key disappear, read or not";
    defects.add(defect(TopicSpec.CLEANUP_POLICY, why, spec.cleanupPolicy()));
  }

  private void checkRetention(List<TopicDifference> defects) {
    long millis = number(TopicSpec.RETENTION_MILLIS, -1);
    long bytes = number(TopicSpec.RETENTION_BYTES, -1);
    if (spec.retention() == Retention.UNLIMITED) {
      if (millis >= 0) {
        defects.add(
            defect(
                TopicSpec.RETENTION_MILLIS,
                "requests that wait longer disappear without an outcome",
                "-1"));
      }
      if (bytes >= 0) {
        defects.add(
            defect(
                TopicSpec.RETENTION_BYTES,
                "requests that wait behind more disappear without an outcome",
                "-1"));
      }
    } else if (spec.retention() == Retention.AS_LONG_AS_IDS) {
      if (millis >= 0 && millis < idsRemembered.toMillis()) {
        defects.add(
            defect(
                TopicSpec.RETENTION_MILLIS,
                "records disappear before admission.retention is over",
                Long.toString(idsRemembered.toMillis())));
      }
      if (bytes >= 0) {
        warn(TopicSpec.RETENTION_BYTES, "records that were not read yet can disappear");
      }
    }
  }

  private TopicDifference defect(String property, String why, String wanted) {
    return new TopicDifference(
        spec.name(),
        "%s has %s=%s: %s".formatted(spec.name(), property, config.get(property), why),
        commands.set(spec.name(), property, wanted));
  }

  private void warn(String property, String why) {
    LOGGER
        .atWarn()
        .addKeyValue("topic", spec.name())
        .addKeyValue("property", property)
        .addKeyValue("value", config.get(property))
        .addKeyValue("consequence", why)
        .log("A topic is configured in an unusual way");
  }

  private long number(String property, long otherwise) {
    String value = config.get(property);
    return value == null ? otherwise : Long.parseLong(value);
  }
}
