package dev.utter.worker.streams;

import dev.utter.worker.failure.WorkerBrokenException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.FinalizedVersionRange;
import org.apache.kafka.clients.admin.GroupListing;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.GroupType;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.config.ConfigResource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which group protocol a stage uses. With {@code streams} a rebalance has no barrier: when a member
 * dies, or one comes while another is away, the rest goes on. With {@code classic} all of them wait
 * for the slowest.
 */
public final class GroupProtocol {
  /** The protocol of Kafka Streams' own groups. */
  public static final String STREAMS = "streams";

  /** The protocol every broker has. */
  public static final String CLASSIC = "classic";

  private static final Logger LOGGER = LoggerFactory.getLogger(GroupProtocol.class);
  private static final String FEATURE = "streams.version";
  private static final String PROTOCOLS = "group.coordinator.rebalance.protocols";

  private GroupProtocol() {}

  /**
   * The best protocol the broker has for this group. A group cannot change its protocol while it
   * has members, so one that others keep alive stays what it is.
   *
   * @return {@link #STREAMS} or {@link #CLASSIC}; classic where the broker does not answer
   */
  public static String of(Admin admin, String group) {
    try {
      if (!isOffered(admin)) {
        return CLASSIC;
      }
      if (hasClassicMembers(admin, group)) {
        LOGGER
            .atWarn()
            .addKeyValue("group", group)
            .log("Group has members with the classic protocol; stop all of them once to change it");
        return CLASSIC;
      }
      return STREAMS;
    } catch (ExecutionException e) {
      LOGGER
          .atWarn()
          .addKeyValue("group", group)
          .setCause(e)
          .log("The broker does not say which group protocols it has; taking the classic one");
      return CLASSIC;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new WorkerBrokenException("interrupted while asking for group protocols", e);
    }
  }

  private static boolean isOffered(Admin admin) throws ExecutionException, InterruptedException {
    FinalizedVersionRange feature =
        admin.describeFeatures().featureMetadata().get().finalizedFeatures().get(FEATURE);
    if (feature == null || feature.maxVersionLevel() < 1) {
      return false;
    }
    return configuredProtocols(admin).map(list -> list.contains(STREAMS)).orElse(true);
  }

  /** What the broker is configured to offer; empty if the worker may not know. */
  private static Optional<List<String>> configuredProtocols(Admin admin)
      throws InterruptedException {
    try {
      Node node = admin.describeCluster().nodes().get().iterator().next();
      ConfigResource broker = new ConfigResource(ConfigResource.Type.BROKER, node.idString());
      KafkaFuture<Config> answer = admin.describeConfigs(List.of(broker)).values().get(broker);
      return Optional.ofNullable(answer.get().get(PROTOCOLS))
          .map(entry -> List.of(entry.value().trim().split("\\s*,\\s*")));
    } catch (ExecutionException e) {
      return Optional.empty();
    }
  }

  private static boolean hasClassicMembers(Admin admin, String group)
      throws ExecutionException, InterruptedException {
    for (GroupListing listing : admin.listGroups().all().get()) {
      if (listing.groupId().equals(group)) {
        boolean empty =
            listing
                .groupState()
                .map(state -> state == GroupState.EMPTY || state == GroupState.DEAD)
                .orElse(false);
        return listing.type().map(type -> type == GroupType.CLASSIC).orElse(false) && !empty;
      }
    }
    return false;
  }
}
