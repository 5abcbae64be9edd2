package dev.utter.worker.intake.group;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor;
import org.apache.kafka.common.Cluster;
import org.apache.kafka.common.TopicPartition;

/**
 * Assigns each lane separately, for groups of the classic protocol. Every worker gets the same
 * number of partitions of each lane, plus or minus one, independently of the other lanes. A worker
 * keeps its partitions as far as that allows. Cooperative: a partition that moves is first revoked,
 * and goes to its new owner in the round after.
 *
 * <p>Made by Kafka's client from its name, so it is public and has no arguments.
 */
public final class LaneAssignor implements ConsumerPartitionAssignor {

  @Override
  public String name() {
    return "utter-lanes";
  }

  @Override
  public List<RebalanceProtocol> supportedProtocols() {
    return List.of(RebalanceProtocol.COOPERATIVE, RebalanceProtocol.EAGER);
  }

  @Override
  public GroupAssignment assign(Cluster cluster, GroupSubscription groupSubscription) {
    Map<String, Subscription> members = new TreeMap<>(groupSubscription.groupSubscription());
    Map<TopicPartition, String> owners = owners(members);
    Map<String, List<TopicPartition>> given = new TreeMap<>();
    members.keySet().forEach(member -> given.put(member, new ArrayList<>()));
    Set<String> lanes = new TreeSet<>();
    members.values().forEach(subscription -> lanes.addAll(subscription.topics()));
    for (String lane : lanes) {
      Integer partitions = cluster.partitionCountForTopic(lane);
      if (partitions != null) {
        List<String> subscribed =
            members.entrySet().stream()
                .filter(member -> member.getValue().topics().contains(lane))
                .map(Map.Entry::getKey)
                .toList();
        share(lane, partitions, subscribed, owners, given);
      }
    }
    Map<String, Assignment> assignments = new HashMap<>();
    given.forEach((member, partitions) -> assignments.put(member, new Assignment(partitions)));
    return new GroupAssignment(assignments);
  }

  /**
   * Owner of each partition. The claim of the latest generation counts; equal claims cancel out.
   */
  private static Map<TopicPartition, String> owners(Map<String, Subscription> members) {
    Map<TopicPartition, String> owners = new HashMap<>();
    Map<TopicPartition, Integer> generations = new HashMap<>();
    Set<TopicPartition> disputed = new HashSet<>();
    members.forEach(
        (member, subscription) -> {
          int generation = subscription.generationId().orElse(-1);
          for (TopicPartition partition : subscription.ownedPartitions()) {
            Integer other = generations.get(partition);
            if (other == null || generation > other) {
              generations.put(partition, generation);
              owners.put(partition, member);
              disputed.remove(partition);
            } else if (generation == other) {
              disputed.add(partition);
            }
          }
        });
    owners.keySet().removeAll(disputed);
    return owners;
  }

  private static void share(
      String lane,
      int partitions,
      List<String> members,
      Map<TopicPartition, String> owners,
      Map<String, List<TopicPartition>> given) {
    Map<String, List<TopicPartition>> owned = new HashMap<>();
    members.forEach(member -> owned.put(member, new ArrayList<>()));
    for (int i = 0; i < partitions; i++) {
      TopicPartition partition = new TopicPartition(lane, i);
      List<TopicPartition> of = owned.get(owners.getOrDefault(partition, ""));
      if (of != null) {
        of.add(partition);
      }
    }
    Map<String, Integer> quotas = quotas(partitions, members, owned, given);
    Map<TopicPartition, String> placed = new HashMap<>();
    owned.forEach(
        (member, kept) ->
            kept.stream()
                .limit(of(quotas, member))
                .forEach(partition -> placed.put(partition, member)));
    List<String> open = new ArrayList<>();
    for (String member : members) {
      int missing = Math.max(0, of(quotas, member) - of(owned, member).size());
      for (int i = 0; i < missing; i++) {
        open.add(member);
      }
    }
    int next = 0;
    for (int i = 0; i < partitions; i++) {
      TopicPartition partition = new TopicPartition(lane, i);
      String member = placed.containsKey(partition) ? placed.get(partition) : open.get(next++);
      String owner = owners.get(partition);
      boolean moves = owner != null && owned.containsKey(owner) && !owner.equals(member);
      if (!moves) {
        of(given, member).add(partition);
      }
    }
  }

  /** The entry of a member; each has one. */
  private static <T> T of(Map<String, T> entries, String member) {
    return requireNonNull(entries.get(member));
  }

  /**
   * Number of partitions for each member. An extra partition goes first to members that own one,
   * then to those with the fewest partitions.
   */
  private static Map<String, Integer> quotas(
      int partitions,
      List<String> members,
      Map<String, List<TopicPartition>> owned,
      Map<String, List<TopicPartition>> given) {
    int each = partitions / members.size();
    int more = partitions % members.size();
    List<String> order = new ArrayList<>(members);
    order.sort(
        Comparator.<String>comparingInt(member -> of(owned, member).size() > each ? 0 : 1)
            .thenComparingInt(member -> of(given, member).size())
            .thenComparing(Comparator.naturalOrder()));
    Map<String, Integer> quotas = new HashMap<>();
    for (int i = 0; i < order.size(); i++) {
      quotas.put(order.get(i), i < more ? each + 1 : each);
    }
    return quotas;
  }
}
