package dev.utter.worker.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.utter.embedded.s3.EmbeddedS3;
import dev.utter.embedded.s3.EmbeddedS3Settings;
import dev.utter.speech.SpeechModel;
import dev.utter.speech.failure.CheckpointException;
import dev.utter.speech.hub.HubSettings;
import dev.utter.speech.hub.listing.FetchListener;
import dev.utter.speech.hub.listing.HubException;
import dev.utter.speech.model.ModelFiles;
import dev.utter.speech.watermark.AudioWatermark;
import dev.utter.worker.models.ModelPush;
import dev.utter.worker.models.StoredModel;
import dev.utter.worker.settings.WorkerSettings;
import dev.utter.worker.storage.ObjectStore;
import dev.utter.worker.storage.OwnBuckets;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PublishedNetworksTest {

  private static final Path DEVELOPMENT =
      Path.of(System.getProperty("utter.home"), "worker/speech/models/development");

  @TempDir private Path cache;
  private Networks networks;

  @BeforeEach
  void offline() {
    networks =
        new PublishedNetworks(
            () -> new HubSettings(URI.create("https://hub.example"), cache, true));
  }

  private WorkerSettings settings(boolean download) {
    return settings(download, "nobody/nothing@v7", "nobody/marks", "http://localhost:9000", "hush");
  }

  private WorkerSettings settings(
      boolean download, String model, String watermark, String store, String secret) {
    return WorkerSettings.parse(
        "",
        Map.ofEntries(
            Map.entry("UTTER_WORKER_DEVELOPMENT", "true"),
            Map.entry("UTTER_KAFKA_BOOTSTRAP_SERVERS", "localhost:9092"),
            Map.entry("UTTER_REGISTRY_URL", "http://localhost:8081"),
            Map.entry("UTTER_STORAGE_ENDPOINT", store),
            Map.entry("UTTER_STORAGE_ACCESS_KEY", "utter"),
            Map.entry("UTTER_STORAGE_MODEL_CACHE", cache.resolve("models").toString()),
            Map.entry("UTTER_STORAGE_SECRET_KEY", secret),
            Map.entry("UTTER_OUTPUT_BUCKET", "utter"),
            Map.entry("UTTER_MODEL_SOURCE", model),
            Map.entry("UTTER_MODEL_DOWNLOAD", String.valueOf(download)),
            Map.entry("UTTER_WATERMARK_SOURCE", watermark)));
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
  void aPublishedWatermarkThatIsNotInTheCacheIsNotDownloaded() {
    assertThatThrownBy(() -> networks.watermark(settings(false)))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("\"utter model fetch nobody/marks\" downloads it");
  }

  @Test
  void theHubIsUsedIfTheSettingsAllowIt() {
    assertThatThrownBy(() -> networks.speech(settings(true)))
        .isInstanceOf(HubException.class)
        .hasMessageContaining("nobody/nothing@v7 cannot be looked up: HF_HUB_OFFLINE forbids");
    assertThatThrownBy(() -> networks.watermark(settings(true)))
        .isInstanceOf(HubException.class)
        .hasMessageContaining("nobody/marks cannot be looked up");
  }

  @Test
  void modelsOfTheStoreArePulledAndFoundAfterwards() {
    // Given
    try (EmbeddedS3 s3 =
        EmbeddedS3.start(new EmbeddedS3Settings(Optional.empty(), 0, "utter", "hush"))) {
      s3.createBucket("models");
      WorkerSettings settings =
          settings(
              false,
              "s3://models/development",
              "s3://models/silentcipher",
              s3.endpoint(),
              s3.secretKey());
      push(settings, DEVELOPMENT, "s3://models/development");
      push(settings, DEVELOPMENT.resolve("watermark"), "s3://models/silentcipher");

      // When
      try (SpeechModel model = networks.speech(settings);
          AudioWatermark watermark = networks.watermark(settings)) {
        // Then
        assertThat(model.description().name()).isEqualTo("development");
        assertThat(watermark).isNotNull();
      }
      assertThat(networks.weightBytes(settings)).isPositive();
    }
  }

  private static void push(WorkerSettings settings, Path folder, String address) {
    try (ObjectStore store = ObjectStore.of(settings.storage().orElseThrow(), OwnBuckets.NONE)) {
      ModelPush push = new ModelPush(store);
      push.push(push.plan(ModelFiles.of(folder), StoredModel.parse(address)), FetchListener.SILENT);
    }
  }
}
