package dev.utter.worker.intake.group;

import dev.utter.worker.intake.IntakeSettings;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.FinalizedVersionRange;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.errors.UnsupportedVersionException;

/** How partitions are assigned to workers. */
public enum GroupProtocol {
  /** The members assign the partitions, and a rebalance waits for each of them. */
  CLASSIC,
  /** The broker assigns the partitions, and no member waits for another. */
  CONSUMER;

  private static final String FEATURE = "group.version";

  /** Properties that exist with the classic protocol only. */
  private static final List<String> CLASSIC_ONLY =
      List.of(
          ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG,
          ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG,
          ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG);

  /**
   * The operator's choice; without one, CONSUMER where the broker offers it. Settings that exist
   * with the classic protocol only are a choice, too.
   */
  public static GroupProtocol choose(IntakeSettings settings, Admin admin)
      throws ExecutionException, InterruptedException {
    Map<String, String> given = new HashMap<>(settings.kafka());
    given.putAll(settings.consumer());
    String chosen = given.get(ConsumerConfig.GROUP_PROTOCOL_CONFIG);
    if (chosen != null) {
      return chosen.equalsIgnoreCase(CONSUMER.name()) ? CONSUMER : CLASSIC;
    }
    if (CLASSIC_ONLY.stream().anyMatch(given::containsKey)) {
      return CLASSIC;
    }
    return offered(admin) ? CONSUMER : CLASSIC;
  }

  private static boolean offered(Admin admin) throws ExecutionException, InterruptedException {
    try {
      FinalizedVersionRange level =
          admin.describeFeatures().featureMetadata().get().finalizedFeatures().get(FEATURE);
      return level != null && level.maxVersionLevel() >= 1;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof UnsupportedVersionException) {
        return false;
      }
      throw e;
    }
  }
}
