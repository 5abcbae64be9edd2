package dev.utter.speech.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.utter.speech.checkpoint.layout.WeightLayout;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PublishedFilesTest {

  /** As sesame/csm-1b is published. */
  private static final List<String> CSM_1B =
      List.of(
          ".gitattributes",
          "README.md",
          "chat_template.jinja",
          "ckpt.pt",
          "config.json",
          "generation_config.json",
          "model.safetensors",
          "preprocessor_config.json",
          "prompts/conversational_a.wav",
          "special_tokens_map.json",
          "tokenizer.json",
          "tokenizer_config.json",
          "transformers-00001-of-00002.safetensors",
          "transformers-00002-of-00002.safetensors",
          "transformers.safetensors.index.json");

  /** As it was published first. */
  private static final List<String> FIRST_RELEASE =
      List.of("README.md", "ckpt.pt", "config.json", "model.safetensors");

  /** As transformers writes a checkpoint that was trained further. */
  private static final List<String> TRAINED =
      List.of("config.json", "generation_config.json", "model.safetensors", "tokenizer.json");

  @Test
  void ofBothLayoutsTransformersIsTaken() {
    // When
    List<String> files = files(CSM_1B, Optional.empty());

    // Then
    assertThat(files)
        .containsExactly(
            "config.json",
            "generation_config.json",
            "tokenizer.json",
            "tokenizer_config.json",
            "transformers.safetensors.index.json",
            "transformers-00001-of-00002.safetensors",
            "transformers-00002-of-00002.safetensors");
    assertThat(PublishedFiles.needCodec(files, CSM_1B)).isFalse();
    assertThat(PublishedFiles.needTokenizer(files)).isFalse();
  }

  @Test
  void theOriginalLayoutIsTakenIfAskedFor() {
    // When
    List<String> files = files(CSM_1B, Optional.of(WeightLayout.ORIGINAL));

    // Then
    assertThat(files).contains("model.safetensors").doesNotContain("ckpt.pt").hasSize(5);
    assertThat(PublishedFiles.needCodec(files, CSM_1B)).isTrue();
    assertThat(PublishedFiles.needTokenizer(files)).isFalse();
  }

  @Test
  void theFirstReleaseNeedsCodecAndTokenizerFromElsewhere() {
    // When
    List<String> files = files(FIRST_RELEASE, Optional.empty());

    // Then
    assertThat(files).containsExactly("config.json", "model.safetensors");
    assertThat(PublishedFiles.needCodec(files, FIRST_RELEASE)).isTrue();
    assertThat(PublishedFiles.needTokenizer(files)).isTrue();
  }

  @Test
  void aTorchCheckpointAloneIsTaken() {
    assertThat(files(List.of("config.json", "ckpt.pt"), Optional.empty())).contains("ckpt.pt");
  }

  @Test
  void aCheckpointTrainedFurtherHasItsCodecInside() {
    // When
    List<String> files = files(TRAINED, Optional.empty());

    // Then
    assertThat(files).containsExactlyInAnyOrderElementsOf(TRAINED);
    assertThat(PublishedFiles.needCodec(files, TRAINED)).isFalse();
    assertThat(PublishedFiles.ofCheckpoint(TRAINED, Optional.of(WeightLayout.ORIGINAL))).isEmpty();
  }

  @Test
  void whatIsNoCheckpointGivesNothing() {
    assertThat(PublishedFiles.ofCheckpoint(List.of("config.json"), Optional.empty())).isEmpty();
    assertThat(PublishedFiles.ofCheckpoint(List.of("ckpt.pt"), Optional.empty())).isEmpty();
  }

  @Test
  void ofMoshiOnlyTheCodecIsTaken() {
    assertThat(
            PublishedFiles.ofCodec(
                List.of(
                    "config.json",
                    "model.safetensors",
                    "tokenizer-e351c8d8-checkpoint125.safetensors",
                    "tokenizer_spm_32k_3.model")))
        .containsExactly("tokenizer-e351c8d8-checkpoint125.safetensors");
  }

  @Test
  void theCodecAloneIsOneFile() {
    assertThat(
            PublishedFiles.ofCodec(
                List.of("config.json", "model.safetensors", "preprocessor_config.json")))
        .containsExactly("model.safetensors");
  }

  @Test
  void onlyTheTokenizerIsTakenOfLlama() {
    assertThat(
            PublishedFiles.ofTokenizer(
                List.of("config.json", "model.safetensors", "tokenizer.json", "tokenizer.model")))
        .containsExactly("tokenizer.json");
  }

  private static List<String> files(List<String> names, Optional<WeightLayout> layout) {
    return PublishedFiles.ofCheckpoint(names, layout).orElseThrow();
  }
}
