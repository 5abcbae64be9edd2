package dev.utter.worker.intake.group;

import dev.utter.worker.failure.WorkerBrokenException;
import dev.utter.worker.intake.CommandQueue;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.InvalidOffsetException;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.FencedMemberEpochException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.StaleMemberEpochException;
import org.apache.kafka.common.errors.UnknownMemberIdException;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The group's consumer with classified errors: a temporary one gives an empty answer, a permanent
 * one is a {@link WorkerBrokenException}. Used by the intake's thread only. Other threads may wake
 * it through {@link CommandQueue}, so any blocking call may be woken and is then repeated.
 */
public final class GroupConsumer implements AutoCloseable {
  private static final Logger LOGGER = LoggerFactory.getLogger(GroupConsumer.class);

  private final Consumer<byte[], byte[]> consumer;
  private final CommandQueue commands;
  private final Duration timeout;
  private final Set<TopicPartition> astray = new HashSet<>();

  public GroupConsumer(Consumer<byte[], byte[]> consumer, CommandQueue commands, Duration timeout) {
    this.consumer = consumer;
    this.commands = commands;
    this.timeout = timeout;
  }

  public void subscribe(Set<String> topics, ConsumerRebalanceListener listener) {
    consumer.subscribe(topics, listener);
  }

  /** Polls. Does not wait if a command is queued; a new command ends the wait. */
  public ConsumerRecords<byte[], byte[]> poll(Duration wait) {
    commands.beforePoll();
    try {
      return consumer.poll(commands.isEmpty() ? wait : Duration.ZERO);
    } catch (WakeupException e) {
      return ConsumerRecords.empty();
    } catch (InvalidOffsetException e) {
      LOGGER.atWarn().addKeyValue("reason", e.toString()).log("Positions are not in the log");
      astray.addAll(e.partitions());
      return ConsumerRecords.empty();
    } catch (RetriableException e) {
      LOGGER.atInfo().addKeyValue("reason", e.toString()).log("Poll failed, trying again");
      return ConsumerRecords.empty();
    } catch (KafkaException e) {
      throw new WorkerBrokenException("consumer failed: " + e.getMessage(), e);
    } finally {
      commands.afterPoll();
    }
  }

  /**
   * What is committed, with a null value where nothing is; empty if the broker does not answer in
   * time, for example while an earlier owner's transaction is open.
   */
  public Optional<Map<TopicPartition, OffsetAndMetadata>> committed(
      Set<TopicPartition> partitions, Duration wait) {
    try {
      return Optional.of(unwoken(() -> consumer.committed(partitions, wait)));
    } catch (RetriableException
        | UnknownMemberIdException
        | StaleMemberEpochException
        | FencedMemberEpochException e) {
      // The broker is unreachable, or the group has removed this worker: the next poll joins again.
      return Optional.empty();
    } catch (KafkaException e) {
      throw new WorkerBrokenException("offsets cannot be read: " + e.getMessage(), e);
    }
  }

  public ConsumerGroupMetadata groupMetadata() {
    return consumer.groupMetadata();
  }

  /**
   * Partitions whose position turned out not to be in the log, since the last call: the log was cut
   * at one of its ends while they were worked on.
   */
  public Set<TopicPartition> astray() {
    Set<TopicPartition> found = Set.copyOf(astray);
    astray.clear();
    return found;
  }

  /** Pauses partitions and sets any position, so that the client does not request one. */
  void hold(Collection<TopicPartition> partitions) {
    pause(Set.copyOf(partitions));
    partitions.forEach(partition -> seek(partition, 0));
  }

  /** Sets the next offset to be polled; does nothing if the partition was just revoked. */
  public void seek(TopicPartition partition, long offset) {
    try {
      consumer.seek(partition, offset);
    } catch (KafkaException | IllegalStateException e) {
      LOGGER
          .atInfo()
          .addKeyValue("partition", partition)
          .addKeyValue("reason", e.toString())
          .log("Position not set");
    }
  }

  /** Next offset to be polled, where known. */
  public OptionalLong position(TopicPartition partition) {
    try {
      return OptionalLong.of(unwoken(() -> consumer.position(partition, Duration.ZERO)));
    } catch (KafkaException | IllegalStateException e) {
      return OptionalLong.empty();
    }
  }

  public Set<TopicPartition> assignment() {
    return consumer.assignment();
  }

  /**
   * Pauses exactly these of the assigned partitions. A change that fails because a partition was
   * just revoked is made with the next call.
   */
  public void pauseOnly(Set<TopicPartition> wanted) {
    Set<TopicPartition> paused = consumer.paused();
    Set<TopicPartition> resume = new HashSet<>(paused);
    resume.removeAll(wanted);
    Set<TopicPartition> pause = new HashSet<>(wanted);
    pause.removeAll(paused);
    pause(pause);
    try {
      consumer.resume(resume);
    } catch (KafkaException | IllegalStateException e) {
      LOGGER.atInfo().addKeyValue("reason", e.toString()).log("Partitions not resumed");
    }
  }

  private void pause(Set<TopicPartition> partitions) {
    try {
      consumer.pause(partitions);
    } catch (KafkaException | IllegalStateException e) {
      LOGGER.atInfo().addKeyValue("reason", e.toString()).log("Partitions not paused");
    }
  }

  private static <T> T unwoken(Supplier<T> call) {
    while (true) {
      try {
        return call.get();
      } catch (WakeupException e) {
        // A wake-up meant for a poll that had just ended; it is used up now.
      }
    }
  }

  @Override
  public void close() {
    consumer.close(org.apache.kafka.clients.consumer.CloseOptions.timeout(timeout));
  }
}
