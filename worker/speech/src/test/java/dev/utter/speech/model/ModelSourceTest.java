package dev.utter.speech.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.utter.speech.checkpoint.Checkpoint;
import dev.utter.speech.checkpoint.Companions;
import dev.utter.speech.checkpoint.ModelInspection;
import dev.utter.speech.checkpoint.OriginalNames;
import dev.utter.speech.checkpoint.TinyCheckpoint;
import dev.utter.speech.checkpoint.layout.WeightLayout;
import dev.utter.speech.checkpoint.tensor.SafetensorsWriter;
import dev.utter.speech.failure.CheckpointException;
import dev.utter.speech.hub.HubSettings;
import dev.utter.speech.hub.LocalHub;
import dev.utter.speech.hub.ModelHub;
import dev.utter.speech.hub.listing.FetchListener;
import dev.utter.speech.hub.listing.HubException;
import dev.utter.speech.hub.listing.HubPlan;
import dev.utter.speech.hub.listing.HubReference;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelSourceTest {

  private static final String ID = "sesame/csm-1b";
  private static final String CODEC = "tokenizer-e351c8d8-checkpoint125.safetensors";
  private static final Path WATERMARK = Path.of("models/development/watermark");

  @TempDir private Path folder;
  private LocalHub server;
  private HubSettings settings;

  @BeforeEach
  void start() {
    server = new LocalHub();
    settings = new HubSettings(server.endpoint(), folder.resolve("hub"), false);
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private Path fetch(String text) {
    return ModelSource.parse(text).fetch(settings, Optional.empty(), FetchListener.SILENT);
  }

  @Test
  void aFolderIsAFolder() {
    // When
    ModelSource source = ModelSource.parse(TinyCheckpoint.DIRECTORY.toString());

    // Then
    assertThat(source.locate(settings)).isEqualTo(TinyCheckpoint.DIRECTORY);
    assertThat(source.folder()).contains(TinyCheckpoint.DIRECTORY);
    assertThat(source).hasToString(TinyCheckpoint.DIRECTORY.toString());
    assertThat(server.requests()).isEmpty();
  }

  @Test
  void anAddressOfAStoreIsNeitherFolderNorName() {
    // When
    ModelSource source = ModelSource.parse("s3://models/csm-1b");

    // Then
    assertThat(source.address()).contains("s3://models/csm-1b");
    assertThat(source.folder()).isEmpty();
    assertThat(ModelSource.parse(ID).address()).isEmpty();
    assertThatThrownBy(() -> source.locate(settings))
        .isInstanceOf(CheckpointException.class)
        .hasMessage("s3://models/csm-1b is in an object store, a folder or a name is needed");
  }

  @Test
  void aFolderThatDoesNotExistIsNamed() {
    assertThatThrownBy(() -> ModelSource.parse("/no/such/folder").locate(settings))
        .isInstanceOf(CheckpointException.class)
        .hasMessage("/no/such/folder is not a folder");
  }

  @Test
  void aPublishedModelIsTakenFromTheCache() {
    // Given
    server.publish(ID, TinyCheckpoint.DIRECTORY);
    Path fetched = fetch(ID);
    server.close();

    // When
    Path located = ModelSource.parse(ID).locate(settings);

    // Then
    assertThat(located).isEqualTo(fetched);
    assertThat(ModelInspection.inspect(located).tensors())
        .isEqualTo(ModelInspection.inspect(TinyCheckpoint.DIRECTORY).tensors());
    assertThat(CheckpointIdentity.name(located)).isEqualTo(ID);
  }

  @Test
  void aPublishedModelThatIsNotThereNamesTheCommandThatDownloadsIt() {
    assertThatThrownBy(() -> ModelSource.parse(ID + "@v2").locate(settings))
        .isInstanceOf(CheckpointException.class)
        .hasMessage(
            "sesame/csm-1b@v2 is neither a folder nor in the cache "
                + settings.cache()
                + "; \"utter model fetch sesame/csm-1b@v2\" downloads it");
    assertThat(server.requests()).isEmpty();
  }

  @Test
  void anInterruptedDownloadIsNoModelAndIsCompletedByTheNext() throws IOException {
    // Given
    server.publish(ID, TinyCheckpoint.DIRECTORY);
    Path fetched = fetch(ID);
    Files.delete(fetched.resolve("config.json"));

    // Then
    assertThatThrownBy(() -> ModelSource.parse(ID).locate(settings))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("config.json: no such file")
        .hasMessageContaining("\"utter model fetch sesame/csm-1b\" downloads them");
    assertThat(ModelInspection.inspect(fetch(ID))).isNotNull();
  }

  @Test
  void onlyTheFilesThatAreReadAreDownloaded() {
    // When
    server.publish(ID, TinyCheckpoint.DIRECTORY);
    Path fetched = fetch(ID);

    // Then
    assertThat(TinyCheckpoint.DIRECTORY.resolve("reference.safetensors")).exists();
    assertThat(fetched.resolve("reference.safetensors")).doesNotExist();
    assertThat(fetched.resolve("tokenizer.json")).exists();
  }

  @Test
  void theOriginalLayoutFindsItsCodecAndTokenizerWhereTheyArePublished() throws IOException {
    // Given: the first release of CSM, moshi and Llama
    Checkpoint tiny = Checkpoint.open(TinyCheckpoint.DIRECTORY);
    OriginalNames writer = new OriginalNames(tiny);
    Path csm = Files.createDirectory(folder.resolve("csm"));
    Path moshi = Files.createDirectory(folder.resolve("moshi"));
    Path llama = Files.createDirectory(folder.resolve("llama"));
    Files.copy(TinyCheckpoint.DIRECTORY.resolve("config.json"), csm.resolve("config.json"));
    Files.copy(TinyCheckpoint.DIRECTORY.resolve("tokenizer.json"), llama.resolve("tokenizer.json"));
    SafetensorsWriter.write(csm.resolve("model.safetensors"), writer.languageModel());
    Files.write(csm.resolve("ckpt.pt"), new byte[3]);
    SafetensorsWriter.write(moshi.resolve(CODEC), writer.codec());
    server.publish(ID, csm);
    server.publish("kyutai/moshiko-pytorch-bf16", moshi);
    server.publish("meta-llama/Llama-3.2-1B", llama);

    // When
    Path fetched = fetch(ID);

    // Then
    assertThat(ModelInspection.inspect(fetched).layout()).isEqualTo(WeightLayout.ORIGINAL);
    assertThat(fetched.resolve("ckpt.pt")).doesNotExist();
    assertThat(Companions.tokenizerFolder(fetched).resolve("tokenizer.json"))
        .hasSameBinaryContentAs(TinyCheckpoint.DIRECTORY.resolve("tokenizer.json"));
  }

  @Test
  void theCodecMayComeFromWhereItIsPublishedAlone() throws IOException {
    // Given
    Checkpoint tiny = Checkpoint.open(TinyCheckpoint.DIRECTORY);
    Path csm = Files.createDirectory(folder.resolve("csm"));
    Path mimi = Files.createDirectory(folder.resolve("mimi"));
    Files.copy(TinyCheckpoint.DIRECTORY.resolve("config.json"), csm.resolve("config.json"));
    Files.copy(TinyCheckpoint.DIRECTORY.resolve("tokenizer.json"), csm.resolve("tokenizer.json"));
    Files.write(csm.resolve("ckpt.pt"), new byte[3]);
    SafetensorsWriter.write(
        csm.resolve("model.safetensors"), new OriginalNames(tiny).languageModel());
    SafetensorsWriter.write(
        mimi.resolve("model.safetensors"),
        tiny.tensors(Checkpoint.CODEC_PREFIX).entrySet().stream()
            .map(entry -> entry.getValue().named(entry.getKey()))
            .toList());
    Files.writeString(mimi.resolve("config.json"), "{}");
    server.publish(ID, csm);
    server.publish("kyutai/mimi", mimi);
    ModelFetch fetch =
        new ModelFetch(new ModelHub(settings, Optional.empty()), HubReference.parse("kyutai/mimi"));

    // When
    List<HubPlan> plans =
        fetch.plan(HubReference.parse(ID), Optional.empty(), FetchListener.SILENT);
    Path fetched = fetch.fetch(plans, FetchListener.SILENT);

    // Then
    assertThat(plans.get(1).files())
        .extracting(item -> item.file().path())
        .containsExactly("model.safetensors");
    assertThat(ModelInspection.inspect(fetched).layout()).isEqualTo(WeightLayout.ORIGINAL);
    assertThat(Checkpoint.open(fetched).tensors()).hasSize(tiny.tensors().size());
  }

  @Test
  void anotherKindOfModelIsRefusedBeforeItsWeights() {
    // Given
    server.publish(
        "some/llama",
        Map.of(
            "config.json",
            "{\"model_type\": \"llama\"}".getBytes(StandardCharsets.UTF_8),
            "model.safetensors",
            new byte[1000],
            "tokenizer.json",
            new byte[10]));

    // Then
    assertThatThrownBy(() -> fetch("some/llama"))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("model_type is \"llama\"");
    assertThat(server.downloads()).hasSize(1);
  }

  @Test
  void aModelWithoutWeightsIsRefused() {
    // Given
    server.publish("some/thing", Map.of("README.md", new byte[5]));

    // Then
    assertThatThrownBy(() -> fetch("some/thing"))
        .isInstanceOf(HubException.class)
        .hasMessageContaining("some/thing holds no checkpoint of CSM");
  }

  @Test
  void aPublishedModelThatIsDamagedIsNotTaken() throws IOException {
    // Given
    Path damaged = TinyCheckpoint.copyTo(Files.createDirectory(folder.resolve("damaged")));
    TinyCheckpoint.edit(damaged, "config.json", root -> root.put("vocab_size", 3000));
    server.publish(ID, damaged);

    // Then
    assertThatThrownBy(() -> fetch(ID)).isInstanceOf(CheckpointException.class);
    assertThatThrownBy(() -> ModelSource.parse(ID).locate(settings))
        .hasMessageContaining("nor in the cache");
  }

  @Test
  void ofTheWatermarkTheNetworksForTheRateOfClipsAreTaken() throws IOException {
    // Given
    Path published = folder.resolve("silentcipher");
    Path networks = Files.createDirectories(published.resolve("44_1_khz/73999_iteration"));
    Path others = Files.createDirectories(published.resolve("16_khz/97561_iteration"));
    for (String name : List.of("hparams.yaml", "enc_c.ckpt", "dec_c.ckpt", "dec_m_0.ckpt")) {
      Files.copy(WATERMARK.resolve(name), networks.resolve(name));
      Files.copy(WATERMARK.resolve(name), others.resolve(name));
    }
    Files.write(networks.resolve("opt.ckpt"), new byte[1000]);
    server.publish("sony/silentcipher", published);

    // When
    Path fetched = fetch("sony/silentcipher");

    // Then
    assertThat(fetched).endsWith(Path.of("44_1_khz/73999_iteration"));
    assertThat(fetched.resolve("dec_m_0.ckpt")).exists();
    assertThat(fetched.resolve("opt.ckpt")).doesNotExist();
    assertThat(ModelSource.parse("sony/silentcipher").locate(settings)).isEqualTo(fetched);
  }

  @Test
  void aPlanWritesNothing() {
    // Given
    server.publish(ID, TinyCheckpoint.DIRECTORY);
    server.gate(ID, "hf_other");

    // When
    List<HubPlan> plans =
        new ModelFetch(new ModelHub(settings, Optional.empty()))
            .plan(HubReference.parse(ID), Optional.empty(), FetchListener.SILENT);

    // Then
    assertThat(plans).singleElement().matches(plan -> plan.listing().gated());
    assertThat(plans.get(0).missingBytes()).isEqualTo(plans.get(0).bytes()).isPositive();
    assertThat(settings.cache()).doesNotExist();
    assertThat(server.downloads()).isEmpty();
  }
}
