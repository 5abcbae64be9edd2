package dev.utter.worker.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StoredModelTest {

  @ParameterizedTest
  @ValueSource(strings = {"s3://models/voices/csm-1b", "s3://models/voices/csm-1b/"})
  void anAddressHasBucketPrefixAndName(String text) {
    // When
    StoredModel model = StoredModel.parse(text);

    // Then
    assertThat(model).hasToString("s3://models/voices/csm-1b");
    assertThat(model.place().bucket()).isEqualTo("models");
    assertThat(model.name()).isEqualTo("csm-1b");
    assertThat(model.manifest()).hasToString("s3://models/voices/csm-1b/utter-model.json");
  }

  @Test
  void contentIsNamedByItsChecksum() {
    // Given
    String digest = "0123456789abcdef".repeat(4);

    // Then
    assertThat(
            StoredModel.parse("s3://models/csm-1b")
                .content(new ModelManifest.Entry("watermark/enc_c.ckpt", 1, digest)))
        .hasToString("s3://models/csm-1b/" + digest + "/enc_c.ckpt");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "s3://",
        "s3://models",
        "s3://models/",
        "s3:///csm-1b",
        "s3://Models/csm-1b",
        "s3://models/a//b",
        "s3://models/../b",
        "s3://models/a\\b",
        "models/csm-1b",
        "http://models/csm-1b"
      })
  void anythingElseIsRefused(String text) {
    assertThatThrownBy(() -> StoredModel.parse(text)).isInstanceOf(IllegalArgumentException.class);
  }
}
