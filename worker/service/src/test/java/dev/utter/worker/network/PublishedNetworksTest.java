package dev.utter.worker.network;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.utter.speech.failure.CheckpointException;
import dev.utter.speech.hub.HubSettings;
import dev.utter.speech.hub.listing.HubException;
import dev.utter.worker.settings.WorkerSettings;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PublishedNetworksTest {

  @TempDir private Path cache;
  private Networks networks;

  @BeforeEach
  void offline() {
    networks =
        new PublishedNetworks(
            () -> new HubSettings(URI.create("https://hub.example"), cache, true));
  }

  private static WorkerSettings settings(boolean download) {
    return WorkerSettings.parse(
        "",
        Map.ofEntries(
            Map.entry("UTTER_WORKER_DEVELOPMENT", "true"),
            Map.entry("UTTER_KAFKA_BOOTSTRAP_SERVERS", "localhost:9092"),
            Map.entry("UTTER_REGISTRY_URL", "http://localhost:8081"),
            Map.entry("UTTER_STORAGE_ENDPOINT", "http://localhost:9000"),
            Map.entry("UTTER_STORAGE_ACCESS_KEY", "utter"),
            Map.entry("UTTER_STORAGE_SECRET_KEY", "hush"),
            Map.entry("UTTER_OUTPUT_BUCKET", "utter"),
            Map.entry("UTTER_MODEL_SOURCE", "nobody/nothing@v7"),
            Map.entry("UTTER_MODEL_DOWNLOAD", String.valueOf(download)),
            Map.entry("UTTER_WATERMARK_SOURCE", "nobody/marks")));
  }

  @Test
  void aPublishedModelThatIsNotInTheCacheIsNotDownloaded() {
    assertThatThrownBy(() -> networks.speech(settings(false)))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("\"utter model fetch nobody/nothing@v7\" downloads it");
    assertThatThrownBy(() -> networks.weightBytes(settings(false)))
        .hasMessageContaining("\"utter model fetch nobody/nothing@v7\" downloads it");
  }

  @Test
  void soWithThePublishedWatermark() {
    assertThatThrownBy(() -> networks.watermark(settings(false)))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("\"utter model fetch nobody/marks\" downloads it");
  }

  @Test
  void theHubIsAskedIfTheSettingsAllowIt() {
    assertThatThrownBy(() -> networks.speech(settings(true)))
        .isInstanceOf(HubException.class)
        .hasMessageContaining("nobody/nothing@v7 cannot be looked up: HF_HUB_OFFLINE forbids");
    assertThatThrownBy(() -> networks.watermark(settings(true)))
        .isInstanceOf(HubException.class)
        .hasMessageContaining("nobody/marks cannot be looked up");
  }
}
