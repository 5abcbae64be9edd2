package dev.utter.worker.intake.offsets;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsOptions;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.admin.ListOffsetsResult;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.UnknownMemberIdException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the group's offsets and the ends of the lanes' logs, without waiting: an earlier owner's
 * open transaction can hold back the answer about its partitions for seconds.
 */
public final class LaneOffsets {
  private static final Logger LOGGER = LoggerFactory.getLogger(LaneOffsets.class);

  private final Admin admin;
  private final String group;

  public LaneOffsets(Admin admin, String group) {
    this.admin = admin;
    this.group = group;
  }

  /**
   * Asks for what is known of each partition. While a transaction on it is open, the committed
   * offset has to be asked for again.
   */
  public Map<TopicPartition, CompletableFuture<Takeover.Found>> find(
      Set<TopicPartition> partitions) {
    ListOffsetsResult starts = admin.listOffsets(all(partitions, OffsetSpec.earliest()));
    ListOffsetsResult ends = admin.listOffsets(all(partitions, OffsetSpec.latest()));
    Map<TopicPartition, CompletableFuture<Takeover.Found>> found = new HashMap<>();
    for (TopicPartition partition : partitions) {
      CompletableFuture<Map<TopicPartition, OffsetAndMetadata>> committed =
          future(committed(partition));
      CompletableFuture<Long> start = offset(starts, partition);
      CompletableFuture<Long> end = offset(ends, partition);
      found.put(
          partition,
          committed.thenCombine(
              start.thenCombine(end, (first, last) -> new long[] {first, last}),
              (offsets, bounds) ->
                  // The client leaves out a partition with an open transaction.
                  new Takeover.Found(
                      !offsets.containsKey(partition),
                      Optional.ofNullable(offsets.get(partition)),
                      bounds[0],
                      bounds[1])));
    }
    return found;
  }

  /** Asks for the ends of the logs, with what open transactions have written. */
  public CompletableFuture<Map<TopicPartition, Long>> ends(Set<TopicPartition> partitions) {
    return future(admin.listOffsets(all(partitions, OffsetSpec.latest())).all())
        .thenApply(
            ends ->
                ends.entrySet().stream()
                    .collect(
                        Collectors.toMap(Map.Entry::getKey, entry -> entry.getValue().offset())));
  }

  /**
   * The state of a partition.
   *
   * @param start first offset of the log
   * @param end offset after the last of the log
   * @param committed what the group has committed, with the progress beyond it
   */
  public record Standing(long start, long end, Optional<OffsetAndMetadata> committed) {
    /** Offsets from the first that is not known to be finished to the end. */
    public long backlog() {
      long first = committed.map(OffsetAndMetadata::offset).orElse(start);
      return Math.max(0, end - Math.max(first, start));
    }
  }

  /** Requests the standing of all partitions of the lanes, whichever worker owns them. */
  public CompletableFuture<Map<TopicPartition, Standing>> standings(Set<String> lanes) {
    return future(admin.describeTopics(lanes).allTopicNames())
        .thenCompose(topics -> standings(partitions(topics.values())));
  }

  private CompletableFuture<Map<TopicPartition, Standing>> standings(
      Collection<TopicPartition> all) {
    Set<TopicPartition> partitions = Set.copyOf(all);
    var starts = future(admin.listOffsets(all(partitions, OffsetSpec.earliest())).all());
    var ends = future(admin.listOffsets(all(partitions, OffsetSpec.latest())).all());
    var committed = future(admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata());
    return starts.thenCombine(
        ends.thenCombine(committed, Map::entry),
        (first, others) ->
            partitions.stream()
                .collect(
                    Collectors.toMap(
                        partition -> partition,
                        partition ->
                            new Standing(
                                requireNonNull(first.get(partition)).offset(),
                                requireNonNull(others.getKey().get(partition)).offset(),
                                Optional.ofNullable(others.getValue().get(partition))))));
  }

  private static Set<TopicPartition> partitions(Collection<TopicDescription> topics) {
    Set<TopicPartition> partitions = new HashSet<>();
    for (TopicDescription topic : topics) {
      topic
          .partitions()
          .forEach(info -> partitions.add(new TopicPartition(topic.name(), info.partition())));
    }
    return partitions;
  }

  /**
   * Commits the beginning of every lane on which no work was done yet: no partition of it has an
   * offset, and no record of it was ever deleted. From then on a partition without an offset has
   * lost it. The broker accepts this only for a group without members; in a group with members, the
   * first one did it.
   */
  public void initialise(Set<String> lanes) throws ExecutionException, InterruptedException {
    Map<TopicPartition, OffsetAndMetadata> committed =
        admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get();
    Map<TopicPartition, OffsetAndMetadata> beginnings = new HashMap<>();
    for (TopicDescription lane : admin.describeTopics(lanes).allTopicNames().get().values()) {
      Set<TopicPartition> partitions = partitions(Set.of(lane));
      boolean untouched =
          partitions.stream().allMatch(partition -> committed.get(partition) == null);
      if (untouched && neverPurged(partitions)) {
        partitions.forEach(partition -> beginnings.put(partition, new OffsetAndMetadata(0)));
      }
    }
    if (beginnings.isEmpty()) {
      return;
    }
    try {
      admin.alterConsumerGroupOffsets(group, beginnings).all().get();
      LOGGER
          .atInfo()
          .addKeyValue("group", group)
          .addKeyValue("partitions", beginnings.size())
          .log("New group: lanes are taken from their beginning");
    } catch (ExecutionException e) {
      if (!(e.getCause() instanceof UnknownMemberIdException)) {
        throw e;
      }
    }
  }

  private boolean neverPurged(Set<TopicPartition> partitions)
      throws ExecutionException, InterruptedException {
    List<ListOffsetsResult.ListOffsetsResultInfo> starts =
        new ArrayList<>(
            admin.listOffsets(all(partitions, OffsetSpec.earliest())).all().get().values());
    return starts.stream().allMatch(start -> start.offset() == 0);
  }

  private KafkaFuture<Map<TopicPartition, OffsetAndMetadata>> committed(TopicPartition partition) {
    return admin
        .listConsumerGroupOffsets(
            Map.of(group, new ListConsumerGroupOffsetsSpec().topicPartitions(Set.of(partition))),
            new ListConsumerGroupOffsetsOptions().requireStable(true))
        .partitionsToOffsetAndMetadata(group);
  }

  private static CompletableFuture<Long> offset(
      ListOffsetsResult result, TopicPartition partition) {
    return future(result.partitionResult(partition))
        .thenApply(ListOffsetsResult.ListOffsetsResultInfo::offset);
  }

  private static Map<TopicPartition, OffsetSpec> all(
      Set<TopicPartition> partitions, OffsetSpec spec) {
    return partitions.stream().collect(Collectors.toMap(partition -> partition, any -> spec));
  }

  private static <T> CompletableFuture<T> future(KafkaFuture<T> future) {
    return future.toCompletionStage().toCompletableFuture();
  }
}
