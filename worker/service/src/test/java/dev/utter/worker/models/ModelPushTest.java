package dev.utter.worker.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.utter.embedded.faults.Interception;
import dev.utter.speech.hub.listing.FetchListener;
import dev.utter.worker.storage.failure.StorageUnavailableException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ModelPushTest extends ModelTransfer {

  @Test
  void aModelGoesThroughTheStoreInPartsAndRanges() throws IOException {
    // Given
    Map<String, Path> files = largeModel(PARTED_BYTES);

    // When
    push(files);
    Path pulled = new ModelPull(store, cache, listener).pull(MODEL);

    // Then
    assertSame(files, pulled);
    assertThat(pulled).hasFileName("csm-1b").startsWith(cache.folder());
    assertThat(cache.find(MODEL)).contains(pulled);
    assertThat(written()).filteredOn(LARGE::equals).hasSize(3);
    assertThat(written()).endsWith("utter-model.json");
  }

  @Test
  void anUnchangedModelIsNotSentAgain() throws IOException {
    // Given
    Map<String, Path> files = model("config.json", "{}", "voices/a.wav", "sound");
    push(files);
    exchanges.clear();

    // When
    ModelPush.Plan again = push(files);

    // Then
    assertThat(again.isDone()).isTrue();
    assertThat(again.missingBytes()).isZero();
    assertThat(written()).isEmpty();
  }

  @Test
  void ofAChangedModelOnlyWhatChangedIsSent() throws IOException {
    // Given
    push(model("config.json", "{}", LARGE, "weights"));
    Path before = pull().pull(MODEL);
    exchanges.clear();

    // When
    push(model("config.json", "{\"new\": 1}", LARGE, "weights"));

    // Then
    assertThat(written()).containsExactly("config.json", "utter-model.json");
    Path after = pull().pull(MODEL);
    assertThat(after.resolve("config.json")).hasContent("{\"new\": 1}");
    assertThat(before.resolve("config.json")).hasContent("{}");
    assertThat(cache.find(MODEL)).contains(after);
  }

  @Test
  void aPushThatIsBrokenOffIsNoModelAndIsContinued() throws IOException {
    // Given: a push that ends before its manifest
    Map<String, Path> files = model("config.json", "{}", LARGE, "weights");
    Interception outage =
        Interception.cutBefore(
            exchange -> exchange.method().equals("PUT") && exchange.path().endsWith(LARGE));
    network.add(outage);
    assertThatThrownBy(() -> push(files)).isInstanceOf(StorageUnavailableException.class);
    network.remove(outage);

    // Then
    assertThatThrownBy(() -> pull().pull(MODEL))
        .isInstanceOf(ModelTransferException.class)
        .hasMessageContaining("there is no model at s3://models/voices/csm-1b")
        .hasMessageContaining("utter-model.json is missing");

    // When
    exchanges.clear();
    push(files);

    // Then
    assertThat(written()).containsExactly(LARGE, "utter-model.json");
    assertSame(files, pull().pull(MODEL));
  }

  @Test
  void aBrokenOffPushLeavesTheModelThatWasThere() throws IOException {
    // Given
    push(model("config.json", "old", LARGE, "old weights"));
    Interception outage =
        Interception.cutBefore(
            exchange -> exchange.method().equals("PUT") && exchange.path().endsWith(LARGE));
    network.add(outage);
    assertThatThrownBy(() -> push(model("config.json", "new", LARGE, "new weights")))
        .isInstanceOf(StorageUnavailableException.class);
    network.remove(outage);

    // Then
    assertThat(pull().pull(MODEL).resolve("config.json")).hasContent("old");
  }

  @Test
  void aFileThatChangesWhileItIsPushedIsNotStored() throws IOException {
    // Given
    Map<String, Path> files = model("config.json", "{}", LARGE, "weights");
    ModelPush push = new ModelPush(store);
    ModelPush.Plan plan = push.plan(files, MODEL);
    Files.writeString(files.get(LARGE), "wEights");

    // Then
    assertThatThrownBy(() -> push.push(plan, FetchListener.SILENT))
        .isInstanceOf(ModelTransferException.class)
        .hasMessageContaining("changed while it was pushed");
    assertThat(store.find(content(plan, LARGE))).isEmpty();
    assertThat(store.find(MODEL.manifest())).isEmpty();
  }

  @Test
  void aLargeFileThatChangesWhileItIsPushedIsNotStoredEither() throws IOException {
    // Given
    Map<String, Path> files = largeModel(PARTED_BYTES);
    ModelPush push = new ModelPush(store);
    ModelPush.Plan plan = push.plan(files, MODEL);
    byte[] changed = Files.readAllBytes(files.get(LARGE));
    changed[changed.length - 1]++;
    Files.write(files.get(LARGE), changed);

    // Then
    assertThatThrownBy(() -> push.push(plan, FetchListener.SILENT))
        .isInstanceOf(ModelTransferException.class)
        .hasMessageContaining("changed while it was pushed");
    assertThat(store.find(content(plan, LARGE))).isEmpty();
  }
}
