package dev.utter.worker;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.utter.speech.CheckpointException;
import dev.utter.worker.settings.WorkerSettings;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PublishedNetworksTest {

  private static final WorkerSettings SETTINGS =
      WorkerSettings.parse(
          "",
          Map.of(
              "UTTER_WORKER_DEVELOPMENT", "true",
              "UTTER_KAFKA_BOOTSTRAP_SERVERS", "localhost:9092",
              "UTTER_REGISTRY_URL", "http://localhost:8081",
              "UTTER_STORAGE_ENDPOINT", "http://localhost:9000",
              "UTTER_STORAGE_ACCESS_KEY", "utter",
              "UTTER_STORAGE_SECRET_KEY", "hush",
              "UTTER_OUTPUT_BUCKET", "utter",
              "UTTER_MODEL_SOURCE", "nobody/nothing@v7",
              "UTTER_WATERMARK_SOURCE", "nobody/marks"));

  @Test
  void aPublishedModelThatIsNotInTheCacheIsNotDownloaded() {
    assertThatThrownBy(() -> new PublishedNetworks().speech(SETTINGS))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("\"utter model fetch nobody/nothing@v7\" downloads it");
    assertThatThrownBy(() -> new PublishedNetworks().weightBytes(SETTINGS))
        .hasMessageContaining("\"utter model fetch nobody/nothing@v7\" downloads it");
  }

  @Test
  void soWithThePublishedWatermark() {
    assertThatThrownBy(() -> new PublishedNetworks().watermark(SETTINGS))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("\"utter model fetch nobody/marks\" downloads it");
  }
}
