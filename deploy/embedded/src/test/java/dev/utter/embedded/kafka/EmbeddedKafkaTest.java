package dev.utter.embedded.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.utter.embedded.SharedStack;
import dev.utter.embedded.ThreadsInUse;
import dev.utter.embedded.faults.TcpProxy;
import dev.utter.embedded.host.DataFolder;
import dev.utter.embedded.host.LoopbackPorts;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("integration")
final class EmbeddedKafkaTest {
  @Test
  void keepsRecordsAndPortOverARestart() throws Exception {
    // Given
    ThreadsInUse threads = new ThreadsInUse();
    try (EmbeddedKafka kafka = EmbeddedKafka.start(EmbeddedKafkaSettings.temporary())) {
      String address = kafka.bootstrapServers();
      KafkaRecords records = new KafkaRecords(address);
      String topic = records.freshTopic();
      records.write(topic, "before");

      // When
      kafka.restart();

      // Then
      assertThat(kafka.bootstrapServers()).isEqualTo(address);
      records.write(topic, "after");
      assertThat(records.read(topic, 2)).containsExactly("before", "after");
    }
    threads.awaitNoOthers();
  }

  @Test
  void findsItsRecordsInTheFolderOfAnEarlierBroker(@TempDir Path folder) throws Exception {
    // Given
    EmbeddedKafkaSettings settings = EmbeddedKafkaSettings.in(folder);
    String topic;
    try (EmbeddedKafka earlier = EmbeddedKafka.start(settings)) {
      KafkaRecords records = new KafkaRecords(earlier.bootstrapServers());
      topic = records.freshTopic();
      records.write(topic, "kept");
    }

    // When
    try (EmbeddedKafka later = EmbeddedKafka.start(settings)) {
      // Then
      assertThat(new KafkaRecords(later.bootstrapServers()).read(topic, 1)).containsExactly("kept");
    }
    assertThat(folder).isNotEmptyDirectory();
  }

  @Test
  void keepsRecordsOverAKill() throws Exception {
    try (KafkaProcess kafka = KafkaProcess.start(EmbeddedKafkaSettings.temporary())) {
      // Given
      KafkaRecords records = new KafkaRecords(kafka.bootstrapServers());
      String topic = records.freshTopic();
      records.write(topic, "before");

      // When
      kafka.kill();
      kafka.start();

      // Then
      records.write(topic, "after");
      assertThat(records.read(topic, 2)).containsExactly("before", "after");
    }
  }

  @Test
  void showsCommittedTransactionsOnly() throws Exception {
    // Given
    KafkaRecords records = new KafkaRecords(SharedStack.get().bootstrapServers());
    String topic = records.freshTopic();

    // When
    try (KafkaProducer<String, String> producer =
        records.producer(Map.of("transactional.id", topic))) {
      producer.initTransactions();
      producer.beginTransaction();
      producer.send(new ProducerRecord<>(topic, "aborted"));
      producer.flush();
      producer.abortTransaction();
      producer.beginTransaction();
      producer.send(new ProducerRecord<>(topic, "committed"));
      producer.commitTransaction();
    }

    // Then
    assertThat(records.read(topic, 1)).containsExactly("committed");
  }

  @Test
  void canBeReachedThroughAProxyThatItAdvertises() throws Exception {
    // Given
    int port = LoopbackPorts.free();
    int controllerPort = LoopbackPorts.free();
    try (TcpProxy network = TcpProxy.start(port);
        EmbeddedKafka kafka =
            EmbeddedKafka.start(
                new EmbeddedKafkaSettings(Optional.empty(), port, controllerPort, Map.of())
                    .with(
                        "advertised.listeners",
                        "PLAINTEXT://127.0.0.1:%d,CONTROLLER://127.0.0.1:%d"
                            .formatted(network.port(), controllerPort)))) {
      assertThat(kafka.bootstrapServers()).isEqualTo("127.0.0.1:" + port);
      KafkaRecords records = new KafkaRecords("127.0.0.1:" + network.port());
      String topic = records.freshTopic();
      try (KafkaProducer<String, String> producer = records.producer(Map.of())) {
        producer.send(new ProducerRecord<>(topic, "before")).get();

        // When
        network.pause();
        Future<RecordMetadata> held = producer.send(new ProducerRecord<>(topic, "held back"));

        // Then
        assertThatThrownBy(() -> held.get(500, TimeUnit.MILLISECONDS))
            .isInstanceOf(TimeoutException.class);

        // When
        network.resume();

        // Then
        assertThat(held.get().offset()).isEqualTo(1);
      }
      assertThat(records.read(topic, 2)).containsExactly("before", "held back");
    }
  }

  @Test
  void deletesItsTemporaryFolderWhenClosed() throws Exception {
    // Given
    Path folder;
    try (DataFolder temporary = DataFolder.open(Optional.empty(), "utter-test-")) {
      folder = temporary.path();
      Files.createDirectories(folder.resolve("a/b"));
      Files.writeString(folder.resolve("a/b/c"), "x");
    }

    // Then
    assertThat(folder).doesNotExist();
  }

  @Test
  void namesAPortThatCannotBe() {
    assertThatThrownBy(() -> new EmbeddedKafkaSettings(Optional.empty(), 65_536, 0, Map.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("port is 65536");
  }
}
