package dev.utter.worker.streams.commit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.utter.worker.streams.Guard;
import dev.utter.worker.streams.GuardedProcessor;
import dev.utter.worker.streams.InPlaceRetry;
import dev.utter.worker.streams.StageListener;
import dev.utter.worker.threads.Pause;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.junit.jupiter.api.Test;

class PolledBatchTest {

  @Test
  void asksForOneCommitAfterTheLastRecordOfAPoll() {
    // When
    List<Boolean> committed =
        onThreadOfItsOwn(
            () -> {
              PolledBatch batch = new PolledBatch();
              batch.onConsume(records(3));
              List<Boolean> first = committedAfterEachOf(3);
              batch.onConsume(records(1));
              first.addAll(committedAfterEachOf(1));
              return first;
            });

    // Then
    assertThat(committed).containsExactly(false, false, true, true);
  }

  @Test
  void asksAgainForRecordsOfAnEarlierPollThatCameToItsTurnLate() {
    // When
    List<Boolean> committed =
        onThreadOfItsOwn(
            () -> {
              new PolledBatch().onConsume(records(1));
              return committedAfterEachOf(2);
            });

    // Then
    assertThat(committed).containsExactly(true, true);
  }

  @Test
  void leavesAThreadWithoutTheInterceptorToItsInterval() {
    // When
    List<Boolean> committed = onThreadOfItsOwn(() -> committedAfterEachOf(2));

    // Then
    assertThat(committed).containsExactly(false, false);
  }

  private static List<Boolean> committedAfterEachOf(int count) {
    MockProcessorContext<byte[], byte[]> context = new MockProcessorContext<>();
    context.setCurrentSystemTimeMs(0);
    GuardedProcessor processor =
        new GuardedProcessor(
            record -> List.of(),
            Guard.of(new InPlaceRetry(Duration.ZERO, new Pause())),
            new StageListener() {});
    processor.init(context);
    List<Boolean> committed = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      context.setRecordMetadata("in", 0, i);
      processor.process(new Record<>(new byte[0], new byte[0], 0));
      committed.add(context.committed());
      context.resetCommit();
    }
    return committed;
  }

  private static ConsumerRecords<byte[], byte[]> records(int count) {
    List<ConsumerRecord<byte[], byte[]>> records =
        IntStream.range(0, count)
            .mapToObj(i -> new ConsumerRecord<>("in", 0, i, new byte[0], new byte[0]))
            .toList();
    return new ConsumerRecords<>(Map.of(new TopicPartition("in", 0), records), Map.of());
  }

  private static <T> T onThreadOfItsOwn(Supplier<T> work) {
    return CompletableFuture.supplyAsync(work, task -> new Thread(task).start()).join();
  }
}
