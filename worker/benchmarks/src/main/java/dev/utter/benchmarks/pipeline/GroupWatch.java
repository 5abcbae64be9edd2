package dev.utter.benchmarks.pipeline;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.MemberDescription;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.errors.GroupIdNotFoundException;

/** Checks whether the consumer groups of the workers have finished their rebalances. */
final class GroupWatch implements AutoCloseable {
  private static final List<String> GROUPS =
      List.of("utter-synthesis", "utter-admission", "utter-verification", "utter-status");

  private final Admin admin;

  GroupWatch(String bootstrapServers) {
    admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers));
  }

  /**
   * Whether each group has this number of members, each with partitions, and no rebalance is under
   * way.
   */
  boolean isSettled(int members) throws InterruptedException {
    try {
      return admin.describeConsumerGroups(GROUPS).all().get().values().stream()
          .allMatch(group -> isSettled(group, members));
    } catch (ExecutionException e) {
      if (e.getCause() instanceof GroupIdNotFoundException) {
        return false;
      }
      throw new IllegalStateException("cannot look at the groups: " + e.getCause(), e);
    }
  }

  private static boolean isSettled(ConsumerGroupDescription group, int members) {
    Collection<MemberDescription> joined = group.members();
    return group.groupState() == GroupState.STABLE
        && joined.size() == members
        && joined.stream().noneMatch(member -> member.assignment().topicPartitions().isEmpty());
  }

  @Override
  public void close() {
    admin.close();
  }
}
