package dev.utter.worker.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.utter.worker.storage.object.ObjectLocation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ClipProofTest {
  private static final String OLD = "a".repeat(32);
  private static final String NEW = "b".repeat(32);
  private static final String OTHER = "c".repeat(32);
  private static final ObjectLocation PLACE = ObjectLocation.newest("utter", "clips/a.wav");
  private static final Map<String, String> FACTS =
      Map.of("utter-request-id", "a", "utter-sha256", "0".repeat(64));

  private final ClipProof proof = new ClipProof(List.of(OLD));

  @Test
  void whatAWorkerOfTheDeploymentWroteIsProved() {
    // When
    Map<String, String> proved = proof.prove(PLACE, FACTS);

    // Then
    assertThat(proved).containsAllEntriesOf(FACTS).hasSize(3);
    assertThat(new ClipProof(List.of(OLD)).isProved(PLACE, proved)).isTrue();
  }

  @Test
  void aDigestIsTheSameInEveryVersion() {
    assertThat(proof.prove(PLACE, FACTS))
        .containsEntry(
            "utter-proof", "133ef3d3cf6d1d08e593835ed62a56e9f6b20f2a255d55bbf3d73e9f86f61501");
  }

  @ParameterizedTest
  @CsvSource({
    "utter-request-id, b",
    "utter-sha256, 1",
    "utter-watermark-confidence, 0.99",
    "utter-proof, ''",
    "utter-proof, 0000000000000000000000000000000000000000000000000000000000000000",
  })
  void whatWasChangedOrAddedIsNotProved(String entry, String value) {
    // Given
    Map<String, String> changed = new HashMap<>(proof.prove(PLACE, FACTS));

    // When
    changed.put(entry, value);

    // Then
    assertThat(proof.isProved(PLACE, changed)).isFalse();
  }

  @Test
  void whatIsMissingIsNotProved() {
    // Given
    Map<String, String> changed = new HashMap<>(proof.prove(PLACE, FACTS));

    // When
    changed.remove("utter-sha256");

    // Then
    assertThat(proof.isProved(PLACE, changed)).isFalse();
    assertThat(proof.isProved(PLACE, FACTS)).isFalse();
    assertThat(proof.isProved(PLACE, Map.of())).isFalse();
  }

  @ParameterizedTest
  @CsvSource({"utter, clips/b.wav", "utter-2, clips/a.wav", "utterclips, /a.wav"})
  void aProofIsGoodForOnePlaceOnly(String bucket, String key) {
    assertThat(proof.isProved(ObjectLocation.newest(bucket, key), proof.prove(PLACE, FACTS)))
        .isFalse();
  }

  @Test
  void aValueCannotMoveIntoItsName() {
    // Given
    Map<String, String> proved = proof.prove(PLACE, Map.of("utter-a", "bc"));

    // Then
    assertThat(
            proof.isProved(
                PLACE, Map.of("utter-ab", "c", "utter-proof", proved.get("utter-proof"))))
        .isFalse();
  }

  @Test
  void aProofIsAboutAnyVersionAndLeavesEntriesOfTheStoreAside() {
    // Given
    Map<String, String> stored = new HashMap<>(proof.prove(PLACE, FACTS));

    // When
    stored.put("mtime", "1");

    // Then
    ObjectLocation version = new ObjectLocation(PLACE.bucket(), PLACE.key(), Optional.of("v1"));
    assertThat(proof.isProved(version, stored)).isTrue();
  }

  @Test
  void theFirstSecretMakesAndAllVerifySoThatASecretCanBeReplaced() {
    // Given
    ClipProof both = new ClipProof(List.of(NEW, OLD));
    ClipProof onlyNew = new ClipProof(List.of(NEW));

    // Then
    assertThat(both.isProved(PLACE, proof.prove(PLACE, FACTS))).isTrue();
    assertThat(onlyNew.isProved(PLACE, both.prove(PLACE, FACTS))).isTrue();
    assertThat(onlyNew.isProved(PLACE, proof.prove(PLACE, FACTS))).isFalse();
    assertThat(proof.isProved(PLACE, both.prove(PLACE, FACTS))).isFalse();
  }

  @Test
  void aSecretIsReplacedInItsFile(@TempDir Path folder) throws IOException {
    // Given
    Path file = Files.writeString(folder.resolve("secret"), OLD + "\n");
    ClipProof fromFile =
        new ClipProof(List.of(OLD, OTHER), List.of(Optional.of(file), Optional.empty()));
    Map<String, String> before = fromFile.prove(PLACE, FACTS);

    // When
    Files.writeString(file, NEW + "\n");

    // Then
    assertThat(proof.isProved(PLACE, before)).isTrue();
    assertThat(new ClipProof(List.of(NEW)).isProved(PLACE, fromFile.prove(PLACE, FACTS))).isTrue();
    assertThat(fromFile.isProved(PLACE, before)).isFalse();
    assertThat(fromFile.isProved(PLACE, new ClipProof(List.of(OTHER)).prove(PLACE, FACTS)))
        .isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "hush", ClipProof.PUBLIC_SECRET})
  void aFileThatHasNoSecretAnyMoreChangesNothing(String text, @TempDir Path folder)
      throws IOException {
    // Given
    Path file = Files.writeString(folder.resolve("secret"), OLD);
    ClipProof fromFile = new ClipProof(List.of(OLD), List.of(Optional.of(file)));

    // When
    Files.writeString(file, text);

    // Then
    assertThat(fromFile.prove(PLACE, FACTS)).isEqualTo(proof.prove(PLACE, FACTS));

    // When
    Files.delete(file);

    // Then
    assertThat(fromFile.isProved(PLACE, proof.prove(PLACE, FACTS))).isTrue();

    // When
    Files.writeString(file, NEW);

    // Then
    assertThat(fromFile.prove(PLACE, FACTS))
        .isEqualTo(new ClipProof(List.of(NEW)).prove(PLACE, FACTS));
  }

  @Test
  void aSecretThatIsTooShortIsRefusedWithoutItsValue() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ClipProof(List.of(OLD, "hush")))
        .withMessage("secret 2 has 4 characters, must have 32 at least");
    assertThatIllegalArgumentException().isThrownBy(() -> new ClipProof(List.of()));
    assertThat(new ClipProof(List.of(OLD, NEW)).toString())
        .doesNotContain("aa")
        .doesNotContain("bb");
  }

  @Test
  void thePublicSecretIsKnownAsSuch() {
    assertThat(ClipProof.ofDevelopment().hasPublicSecret()).isTrue();
    assertThat(proof.hasPublicSecret()).isFalse();
    assertThat(new ClipProof(List.of(OLD, NEW)).toString())
        .isEqualTo("ClipProof[secrets=2, public=false]");
  }

  @Test
  void everySecretHasAFileOrNone() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ClipProof(List.of(OLD, NEW), List.of(Optional.empty())))
        .withMessage("there are 2 secrets and 1 files");
  }
}
