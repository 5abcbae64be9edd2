package dev.utter.worker.intake.group;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.GroupSubscription;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Subscription;
import org.apache.kafka.common.Cluster;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LaneAssignorTest {
  private static final List<String> LANES = List.of("interactive", "normal", "bulk");
  private static final int PARTITIONS = 64;
  private static final Cluster CLUSTER = cluster();

  private final Map<String, List<TopicPartition>> owned = new TreeMap<>();
  private int generation;
  private int moved;

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 16, 63, 64, 80})
  void everyLaneIsSharedOutEvenlyThoughWorkersComeOneByOne(int workers) {
    // When
    for (int i = 0; i < workers; i++) {
      join("m" + i);
    }

    // Then
    assertEvenPerLane(workers);
  }

  @Test
  void everyLaneStaysEvenThroughARollingRestart() {
    // Given
    for (int i = 0; i < 64; i++) {
      join("m" + i);
    }

    // When
    for (int i = 0; i < 64; i++) {
      owned.remove("m" + i);
      settle();
      join("n" + i);
    }

    // Then
    assertEvenPerLane(64);
  }

  @Test
  void aWorkerThatJoinsTakesOnlyItsShare() {
    // Given
    for (int i = 0; i < 4; i++) {
      join("m" + i);
    }
    moved = 0;

    // When
    join("m4");

    // Then
    assertEvenPerLane(5);
    assertThat(moved).isEqualTo(owned.get("m4").size());
  }

  @Test
  void noWorkerGetsAPartitionBeforeItsOwnerHasGivenItUp() {
    // Given
    join("m0");

    // When
    Map<String, List<TopicPartition>> round = round(List.of("m0", "m1"));

    // Then
    assertThat(round.get("m1")).isEmpty();
    assertThat(round.get("m0")).hasSize(3 * PARTITIONS / 2);
  }

  @Test
  void theLatestGenerationWinsWhenTwoClaimAPartition() {
    // Given
    TopicPartition partition = new TopicPartition("normal", 0);

    // When
    Map<String, Subscription> members =
        Map.of(
            "stale", subscription(List.of(partition), 3),
            "current", subscription(List.of(partition), 4));
    var assignment =
        new LaneAssignor().assign(CLUSTER, new GroupSubscription(members)).groupAssignment();

    // Then
    assertThat(assignment.get("current").partitions()).contains(partition);
  }

  @Test
  void itsNameStaysBecauseAllMembersOfAGroupMustHaveIt() {
    assertThat(new LaneAssignor().name()).isEqualTo("utter-lanes");
  }

  private void join(String member) {
    owned.put(member, List.of());
    settle();
  }

  /** Rounds until nothing changes, as members that revoke join again. */
  private void settle() {
    Map<String, List<TopicPartition>> before = Map.of();
    while (!before.equals(owned)) {
      before = new TreeMap<>(owned);
      Map<String, List<TopicPartition>> after = round(List.copyOf(owned.keySet()));
      after.forEach(
          (member, partitions) -> {
            Set<TopicPartition> gained = new HashSet<>(partitions);
            gained.removeAll(owned.get(member));
            moved += gained.size();
          });
      owned.putAll(after);
    }
    assertThat(owned.values().stream().flatMap(Collection::stream))
        .hasSize(LANES.size() * PARTITIONS)
        .doesNotHaveDuplicates();
  }

  private Map<String, List<TopicPartition>> round(List<String> members) {
    Map<String, Subscription> subscriptions = new HashMap<>();
    members.forEach(
        member ->
            subscriptions.put(
                member, subscription(owned.getOrDefault(member, List.of()), generation)));
    generation++;
    Map<String, List<TopicPartition>> round = new TreeMap<>();
    new LaneAssignor()
        .assign(CLUSTER, new GroupSubscription(subscriptions))
        .groupAssignment()
        .forEach((member, assignment) -> round.put(member, assignment.partitions()));
    return round;
  }

  private void assertEvenPerLane(int workers) {
    for (String lane : LANES) {
      assertThat(owned.values())
          .hasSize(workers)
          .allSatisfy(
              partitions ->
                  assertThat(partitions.stream().filter(p -> p.topic().equals(lane)).count())
                      .isBetween(
                          (long) PARTITIONS / workers, (PARTITIONS + workers - 1L) / workers));
    }
  }

  private static Subscription subscription(List<TopicPartition> owned, int generation) {
    return new Subscription(LANES, null, owned, generation, Optional.empty());
  }

  private static Cluster cluster() {
    Node node = new Node(0, "host", 1);
    List<PartitionInfo> partitions = new ArrayList<>();
    for (String lane : LANES) {
      for (int i = 0; i < PARTITIONS; i++) {
        partitions.add(new PartitionInfo(lane, i, node, new Node[] {node}, new Node[] {node}));
      }
    }
    return new Cluster("cluster", List.of(node), partitions, Set.of(), Set.of());
  }
}
