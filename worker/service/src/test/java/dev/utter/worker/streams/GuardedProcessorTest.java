package dev.utter.worker.streams;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.utter.events.DeadLetterHeaders;
import dev.utter.worker.failure.RetryLaterException;
import dev.utter.worker.failure.WorkerBrokenException;
import dev.utter.worker.skip.SkippedException;
import dev.utter.worker.streams.topics.TopicLimits;
import dev.utter.worker.threads.Pause;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.errors.StreamsException;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class GuardedProcessorTest {
  private static final byte[] KEY = {1};

  private int pauses;
  private Optional<String> order = Optional.empty();
  private final TopologyTestDriver driver = new TopologyTestDriver(topology(), properties());
  private final TestInputTopic<byte[], byte[]> in =
      driver.createInputTopic("in", new ByteArraySerializer(), new ByteArraySerializer());
  private final TestOutputTopic<byte[], byte[]> out = output("out");
  private final TestOutputTopic<byte[], byte[]> letters = output("letters");

  @AfterEach
  void close() {
    driver.close();
  }

  @Test
  void aFaultAffectsOneRecordOnly() {
    // When
    in.pipeInput(KEY, utf8("fault"));
    in.pipeInput(KEY, utf8("good"));

    // Then
    assertThat(out.readValuesToList()).containsExactly(utf8("good"));
    TestRecord<byte[], byte[]> letter = letters.readRecord();
    assertThat(letter.value()).isEqualTo(utf8("fault"));
    assertThat(header(letter, DeadLetterHeaders.REASON)).isEqualTo(DeadLetterHeaders.FAULT);
    assertThat(header(letter, DeadLetterHeaders.MESSAGE)).contains("index 7");
  }

  @Test
  void aDeadLetterKeepsTheHeadersOfItsRecord() {
    // When
    in.pipeInput(
        new TestRecord<>(
            KEY, utf8("fault"), new RecordHeaders().add("traceparent", utf8("00-1-2-3"))));

    // Then
    assertThat(header(letters.readRecord(), "traceparent")).isEqualTo("00-1-2-3");
  }

  @Test
  void anUnavailableServiceStopsTheThreadAndKeepsTheRecord() {
    // Then
    assertThatThrownBy(() -> in.pipeInput(KEY, utf8("down")))
        .isInstanceOf(StreamsException.class)
        .hasRootCauseInstanceOf(RetryLaterException.class);
    assertThat(letters.isEmpty()).isTrue();
  }

  @Test
  void aBrokenWorkerStopsTheThread() {
    // Then
    assertThatThrownBy(() -> in.pipeInput(KEY, utf8("broken")))
        .isInstanceOf(StreamsException.class)
        .hasRootCauseInstanceOf(WorkerBrokenException.class);
    assertThat(letters.isEmpty()).isTrue();
  }

  @Test
  void aRecordIsSkippedWhileItIsTriedAgainAndItsHandlerAnswersIt() {
    // Given: the order comes during the second pause
    in.pipeInput(KEY, utf8("good"));
    pauses = 2;

    // When
    in.pipeInput(KEY, utf8("down"));
    in.pipeInput(KEY, utf8("good"));

    // Then
    assertThat(out.readValuesToList())
        .containsExactly(utf8("good"), utf8("answer to down"), utf8("good"));
    TestRecord<byte[], byte[]> letter = letters.readRecord();
    assertThat(letter.value()).isEqualTo(utf8("down"));
    assertThat(header(letter, DeadLetterHeaders.REASON)).isEqualTo(DeadLetterHeaders.SKIPPED);
    assertThat(header(letter, DeadLetterHeaders.MESSAGE)).isEqualTo("enough");
    assertThat(header(letter, DeadLetterHeaders.OFFSET)).isEqualTo("1");
    assertThat(letters.isEmpty()).isTrue();
  }

  @Test
  void aRecordIsSkippedThoughItCannotBeAnswered() {
    // Given
    order = Optional.of("enough");

    // When
    in.pipeInput(KEY, utf8("unanswerable"));

    // Then
    assertThat(out.isEmpty()).isTrue();
    assertThat(header(letters.readRecord(), DeadLetterHeaders.REASON))
        .isEqualTo(DeadLetterHeaders.SKIPPED);
  }

  private static final class Handler implements RecordHandler {
    @Override
    public List<Emission> handle(Record<byte[], byte[]> record) {
      return GuardedProcessorTest.handle(record);
    }

    @Override
    public List<Emission> skipped(Record<byte[], byte[]> record, SkippedException why) {
      String value = new String(record.value(), StandardCharsets.UTF_8);
      if (value.equals("unanswerable")) {
        throw new IllegalStateException(value);
      }
      return List.of(new Emission("out", record.withValue(utf8("answer to " + value))));
    }
  }

  private final class Pauses extends Pause {
    @Override
    public boolean await(Duration time) {
      pauses--;
      if (pauses == 0) {
        order = Optional.of("enough");
      }
      return pauses >= 0;
    }
  }

  private static List<Emission> handle(Record<byte[], byte[]> record) {
    return switch (new String(record.value(), StandardCharsets.UTF_8)) {
      case "fault" -> throw new IndexOutOfBoundsException("index 7 of 3");
      case "down" -> throw new RetryLaterException("the registry is down", null);
      case "broken" -> throw new WorkerBrokenException("no schema");
      default -> List.of(new Emission("out", record));
    };
  }

  private Topology topology() {
    ByteArrayDeserializer from = new ByteArrayDeserializer();
    ByteArraySerializer to = new ByteArraySerializer();
    Guard guard =
        new Guard(
            new InPlaceRetry(Duration.ofMinutes(5), new Pauses()),
            TopicLimits.defaults(),
            new StageActivity(),
            (position, key, value) ->
                Arrays.equals(value, utf8("good")) ? Optional.empty() : order);
    return new Topology()
        .addSource("source", from, from, "in")
        .addProcessor(
            "guard",
            () -> new GuardedProcessor(new Handler(), guard, new StageListener() {}),
            "source")
        .addSink("out", "out", to, to, "guard")
        .addSink(GuardedProcessor.DEAD_LETTERS, "letters", to, to, "guard");
  }

  private static Properties properties() {
    Properties properties = new Properties();
    properties.put(StreamsConfig.APPLICATION_ID_CONFIG, "guard-test");
    properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "not-used:1");
    return properties;
  }

  private TestOutputTopic<byte[], byte[]> output(String topic) {
    return driver.createOutputTopic(
        topic, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  private static String header(TestRecord<byte[], byte[]> record, String name) {
    return new String(record.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
