package dev.utter.worker.streams;

import static org.assertj.core.api.Assertions.assertThat;

import dev.utter.worker.streams.commit.CommitTime;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.apache.kafka.streams.StreamsConfig;
import org.junit.jupiter.api.Test;

class StreamsPropertiesTest {
  private static final Polls POLLS = new Polls(1, Duration.ofDays(1));

  @Test
  void aStageHasTheTimeForARecordThatItNeeds() {
    // When
    Map<String, Object> consumer = mainConsumer(Map.of());

    // Then
    assertThat(consumer)
        .containsEntry("max.poll.interval.ms", 86_400_000)
        .containsEntry("max.poll.records", 1);
  }

  @Test
  void operatorsCanChangeTheTimeForARecordButNotTheNumberOfRecords() {
    // When
    Map<String, Object> consumer =
        mainConsumer(Map.of("max.poll.interval.ms", "5000", "max.poll.records", "7"));

    // Then
    assertThat(consumer)
        .containsEntry("max.poll.interval.ms", "5000")
        .containsEntry("max.poll.records", 1);
  }

  private static Map<String, Object> mainConsumer(Map<String, String> consumer) {
    StreamsConfig config =
        new StreamsConfig(
            StreamsProperties.of(
                "app",
                "worker",
                Path.of("state"),
                64L << 20,
                POLLS,
                CommitTime.AFTER_EACH_POLL,
                Map.of("bootstrap.servers", "localhost:9092"),
                consumer,
                Map.of(),
                Map.of()));
    return config.getMainConsumerConfigs("group", "client", 0);
  }
}
