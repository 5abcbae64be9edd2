package dev.utter.benchmarks.pipeline.worker;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.utter.worker.settings.WorkerSettings;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WaitingWorkerTest {
  private static final String BROKERS = "UTTER_KAFKA_BOOTSTRAP_SERVERS";
  private static final String STORE = "UTTER_STORAGE_ENDPOINT";

  @Test
  void worksWithTheBrokerAndTheStoreOfThisMachine() {
    assertThatCode(() -> WaitingWorker.requireLoopback(settings(Map.of())))
        .doesNotThrowAnyException();
  }

  @ParameterizedTest
  @CsvSource({
    BROKERS + ", kafka:9092",
    BROKERS + ", '127.0.0.1:9092,kafka:9092'",
    BROKERS + ", 127.0.0.1.example.org:9092",
    STORE + ", http://minio:9000",
    STORE + ", http://127.0.0.1.example.org:9000"
  })
  void refusesToPutUnmarkedClipsAnywhereElse(String name, String value) {
    assertThatThrownBy(() -> WaitingWorker.requireLoopback(settings(Map.of(name, value))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("127.0.0.1 only");
  }

  private static WorkerSettings settings(Map<String, String> changes) {
    Map<String, String> environment =
        new HashMap<>(
            Map.of(
                "UTTER_WORKER_DEVELOPMENT",
                "true",
                BROKERS,
                "127.0.0.1:9092",
                STORE,
                "http://127.0.0.1:9000",
                "UTTER_STORAGE_ACCESS_KEY",
                "a",
                "UTTER_STORAGE_SECRET_KEY",
                "b",
                "UTTER_REGISTRY_URL",
                "http://127.0.0.1:8081",
                "UTTER_OUTPUT_BUCKET",
                "bench",
                "UTTER_MODEL_SOURCE",
                "none"));
    environment.put("UTTER_ALLOW_CLEAR_TEXT_KAFKA", "true");
    environment.put("UTTER_ALLOW_CLEAR_TEXT_STORAGE", "true");
    environment.putAll(changes);
    return WorkerSettings.parse("", environment);
  }
}
