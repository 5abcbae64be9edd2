package dev.utter.worker.intake.group;

import dev.utter.worker.intake.CommandQueue;
import dev.utter.worker.intake.Delivery;
import dev.utter.worker.intake.IntakeListener;
import dev.utter.worker.intake.PartitionWork;
import dev.utter.worker.intake.offsets.LaneOffsets;
import dev.utter.worker.intake.offsets.Takeover;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The partitions this worker owns. Work on a new partition begins once it is known where,
 * independently of the others. A partition for which this cannot be determined is refused: it stays
 * paused while it is owned. Owned by the intake's thread.
 */
public final class Assignment {
  private static final Logger LOGGER = LoggerFactory.getLogger(Assignment.class);

  /** Time between two requests about the same partition, in nanoseconds. */
  private static final long ASK_AGAIN = Duration.ofMillis(250).toNanos();

  /** A new leader may not know the end of its log yet, so a refusal is confirmed first. */
  private static final int CONFIRMATIONS = 8;

  /** Asks for what is known of partitions; see {@link LaneOffsets#find}. */
  public interface Finder
      extends Function<
          Set<TopicPartition>, Map<TopicPartition, CompletableFuture<Takeover.Found>>> {}

  /** A partition that is not worked on yet. */
  private static final class Unread {
    private final long since;
    private @Nullable CompletableFuture<Takeover.Found> answer;
    private long askAt;
    private int refusals;
    private long knownStart = Long.MAX_VALUE;

    private Unread(long now) {
      since = now;
      askAt = now;
    }
  }

  private final Map<TopicPartition, PartitionWork> works = new HashMap<>();
  private final Map<TopicPartition, Unread> unread = new HashMap<>();
  private final Map<TopicPartition, Takeover.Decision.Refuse> refused = new HashMap<>();
  private final GroupConsumer consumer;
  private final CommandQueue commands;
  private final Finder finder;
  private final Takeover takeover;
  private final IntakeListener listener;
  private final LongSupplier nanos;

  public Assignment(
      GroupConsumer consumer,
      CommandQueue commands,
      Finder finder,
      Takeover takeover,
      IntakeListener listener,
      LongSupplier nanos) {
    this.consumer = consumer;
    this.commands = commands;
    this.finder = finder;
    this.takeover = takeover;
    this.listener = listener;
    this.nanos = nanos;
  }

  /** Adds new partitions to be taken over. Nothing is fetched from them before. */
  public void assigned(Collection<TopicPartition> partitions) {
    consumer.hold(partitions);
    partitions.forEach(partition -> unread.put(partition, new Unread(nanos.getAsLong())));
  }

  /** Removes the partitions, and returns the deliveries that were held of them. */
  public List<Delivery> remove(Collection<TopicPartition> partitions) {
    List<Delivery> held = held(partitions);
    works.keySet().removeAll(partitions);
    unread.keySet().removeAll(partitions);
    refused.keySet().removeAll(partitions);
    return held;
  }

  /**
   * Continues the takeover of new partitions, without waiting for answers.
   *
   * @return partitions that this call decided about
   */
  public Set<TopicPartition> takeOver() {
    ask();
    Set<TopicPartition> decided = new HashSet<>();
    Map.copyOf(unread)
        .forEach(
            (partition, entry) -> {
              answer(entry).ifPresent(found -> takeOver(partition, entry, found));
              if (!unread.containsKey(partition)) {
                decided.add(partition);
              }
            });
    return decided;
  }

  private void ask() {
    Map<TopicPartition, Unread> due = new HashMap<>(unread);
    due.values().removeIf(entry -> entry.answer != null || nanos.getAsLong() - entry.askAt < 0);
    if (!due.isEmpty()) {
      Map<TopicPartition, CompletableFuture<Takeover.Found>> asked = finder.apply(due.keySet());
      due.forEach((partition, entry) -> entry.answer = asked.get(partition));
    }
  }

  /** The answer, if it has arrived; a failed request is repeated. */
  private Optional<Takeover.Found> answer(Unread entry) {
    if (entry.answer == null || !entry.answer.isDone()) {
      return Optional.empty();
    }
    CompletableFuture<Takeover.Found> answer = entry.answer;
    entry.answer = null;
    entry.askAt = nanos.getAsLong() + ASK_AGAIN;
    try {
      return Optional.of(answer.join());
    } catch (CompletionException e) {
      LOGGER
          .atInfo()
          .addKeyValue("reason", String.valueOf(e.getCause()))
          .log("Offsets of a partition not read, trying again");
      return Optional.empty();
    }
  }

  private void takeOver(TopicPartition partition, Unread entry, Takeover.Found found) {
    entry.knownStart = found.start();
    if (found.open()) {
      return;
    }
    Takeover.Decision decision = takeover.decide(partition, found);
    if (decision instanceof Takeover.Decision.Begin begin) {
      begin(partition, begin);
    } else if (decision instanceof Takeover.Decision.Refuse refuse) {
      entry.refusals++;
      if (entry.refusals >= CONFIRMATIONS) {
        refuse(partition, refuse);
      }
    }
  }

  private void begin(TopicPartition partition, Takeover.Decision.Begin begin) {
    begin
        .notice()
        .ifPresent(
            notice ->
                LOGGER
                    .atError()
                    .addKeyValue("partition", partition)
                    .addKeyValue("reason", notice)
                    .addKeyValue("begin", begin.offset())
                    .addKeyValue("offsetsWithoutOutcome", begin.lost())
                    .log("Committed offset does not fit the log"));
    if (begin.lost() > 0) {
      listener.lost(partition, begin.lost());
    }
    consumer.seek(partition, begin.offset());
    unread.remove(partition);
    works.put(partition, new PartitionWork(partition, begin.offset(), begin.progress(), commands));
  }

  private void refuse(TopicPartition partition, Takeover.Decision.Refuse refuse) {
    unread.remove(partition);
    refused.put(partition, refuse);
    listener.refused(partition, refuse.why());
    LOGGER
        .atError()
        .addKeyValue("partition", partition)
        .addKeyValue("reason", refuse.why())
        .log("Partition refused");
  }

  public Optional<PartitionWork> work(TopicPartition partition) {
    return Optional.ofNullable(works.get(partition));
  }

  public Collection<PartitionWork> works() {
    return works.values();
  }

  /** The refused partitions, and why. */
  public Map<TopicPartition, Takeover.Decision.Refuse> refused() {
    return Map.copyOf(refused);
  }

  /** All that is owned. */
  public Set<TopicPartition> partitions() {
    Set<TopicPartition> all = idle();
    all.addAll(works.keySet());
    return all;
  }

  /** Partitions that are owned but not worked on, for now or because they are refused. */
  public Set<TopicPartition> idle() {
    Set<TopicPartition> idle = new HashSet<>(unread.keySet());
    idle.addAll(refused.keySet());
    return idle;
  }

  /** Where a partition that is not worked on yet begins, as far as is known. */
  public long knownStart(TopicPartition partition) {
    Unread entry = unread.get(partition);
    return entry == null ? Long.MAX_VALUE : entry.knownStart;
  }

  /** Partitions that have been owned for at least this time without a decision. */
  public Set<TopicPartition> undecidedFor(Duration age) {
    long now = nanos.getAsLong();
    return unread.entrySet().stream()
        .filter(entry -> now - entry.getValue().since >= age.toNanos())
        .map(Map.Entry::getKey)
        .collect(Collectors.toSet());
  }

  public boolean holds(Delivery delivery) {
    PartitionWork work = works.get(delivery.partition());
    return work != null && work.holds(delivery);
  }

  public List<Delivery> held() {
    return held(works.keySet());
  }

  public List<Delivery> held(Collection<TopicPartition> partitions) {
    List<Delivery> held = new ArrayList<>();
    for (TopicPartition partition : partitions) {
      work(partition).ifPresent(work -> held.addAll(work.held()));
    }
    return held;
  }

  /**
   * Offsets and progress of the partitions as they are once the deliveries are finished; for a
   * refused one, metadata that makes its next owner refuse it, too.
   */
  public Map<TopicPartition, OffsetAndMetadata> committable(
      Collection<TopicPartition> partitions, Set<Delivery> finishing) {
    Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
    for (TopicPartition partition : partitions) {
      work(partition).ifPresent(work -> offsets.put(partition, work.committable(finishing)));
      Optional.ofNullable(refused.get(partition))
          .flatMap(Takeover.Decision.Refuse::mark)
          .ifPresent(mark -> offsets.put(partition, mark));
    }
    return offsets;
  }

  public void committed(Map<TopicPartition, OffsetAndMetadata> offsets) {
    offsets.forEach(
        (partition, offset) -> work(partition).ifPresent(work -> work.committed(offset)));
  }
}
