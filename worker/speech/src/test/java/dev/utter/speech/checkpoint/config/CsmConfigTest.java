package dev.utter.speech.checkpoint.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.utter.speech.checkpoint.TinyCheckpoint;
import dev.utter.speech.failure.CheckpointException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CsmConfigTest {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final RopeConfig TINY_ROPE =
      new RopeConfig(500_000, Optional.of(new RopeScaling(32, 0.125, 0.5, 1024)));

  @TempDir private Path directory;

  @Test
  void readsThePublishedSpelling() {
    // When
    CsmConfig config = CsmConfig.read(TinyCheckpoint.DIRECTORY.resolve("config.json"));

    // Then
    TransformerConfig depth =
        new TransformerConfig(
            48,
            96,
            2,
            4,
            2,
            12,
            9,
            1e-5,
            new RopeConfig(500_000, Optional.of(new RopeScaling(32, 0.001953125, 0.0078125, 16))));
    TransformerConfig codec =
        new TransformerConfig(
            32, 64, 2, 4, 4, 8, 8000, 1e-5, new RopeConfig(10_000, Optional.empty()));
    assertThat(config)
        .isEqualTo(
            new CsmConfig(
                8,
                67,
                378,
                new TransformerConfig(64, 160, 3, 4, 2, 16, 2048, 1e-5, TINY_ROPE),
                new DepthDecoderConfig(8, 64, 67, depth),
                new MimiConfig(
                    24_000, 8, List.of(8, 6, 5, 4), 7, 3, 3, 2, 64, 16, 8, 1, 32, 40, codec),
                0,
                66,
                369,
                371,
                372,
                Optional.of("float32")));
  }

  @Test
  void readsTheNewerSpelling() {
    // When
    CsmConfig config = CsmConfig.read(TinyCheckpoint.ODD_DIRECTORY.resolve("config.json"));

    // Then
    assertThat(config.dtype()).contains("bfloat16");
    assertThat(config.backbone().rope())
        .isEqualTo(new RopeConfig(9000, Optional.of(new RopeScaling(8, 0.5, 2, 64))));
    assertThat(config.depthDecoder().transformer().rope())
        .isEqualTo(new RopeConfig(300, Optional.empty()));
    assertThat(config.codec().transformer().rope())
        .isEqualTo(new RopeConfig(700, Optional.empty()));
    assertThat(config.codec().frameSamples()).isEqualTo(60);
  }

  @Test
  void takesHeadDimFromTheWidthWhenAbsent() {
    // Given
    copyConfig();
    TinyCheckpoint.edit(
        directory,
        "config.json",
        root -> {
          root.remove("head_dim");
          ((ObjectNode) root.get("codec_config")).putNull("head_dim");
        });

    // When
    CsmConfig config = CsmConfig.read(directory.resolve("config.json"));

    // Then
    assertThat(config.backbone().headDim()).isEqualTo(16);
    assertThat(config.codec().transformer().headDim()).isEqualTo(8);
  }

  @Test
  void computesFrameSizeAndRate() {
    // When
    MimiConfig codec = CsmConfig.read(TinyCheckpoint.DIRECTORY.resolve("config.json")).codec();

    // Then
    assertThat(codec.frameSamples()).isEqualTo(1920);
    assertThat(codec.frameRate()).isEqualTo(12.5);
    assertThat(codec.frameKernelSize()).isEqualTo(4);
  }

  @Test
  void acceptsTheFrameRateItComputes() {
    // Given
    copyConfig();
    TinyCheckpoint.edit(
        directory,
        "config.json",
        root -> ((ObjectNode) root.get("codec_config")).put("frame_rate", 12.5));

    // Then
    assertThat(CsmConfig.read(directory.resolve("config.json")).codec().frameRate())
        .isEqualTo(12.5);
  }

  @Test
  void readsTheFlavoursOfTheOriginalRelease() throws IOException {
    // Given
    Path file = directory.resolve("config.json");
    Files.writeString(
        file,
        """
        {"audio_num_codebooks": 32, "audio_vocab_size": 2051, "backbone_flavor": "llama-1B",
         "decoder_flavor": "llama-100M", "text_vocab_size": 128256}""");

    // When
    CsmConfig config = CsmConfig.read(file);

    // Then
    assertThat(config.backbone().hiddenSize()).isEqualTo(2048);
    assertThat(config.backbone().layers()).isEqualTo(16);
    assertThat(config.depthDecoder().transformer().hiddenSize()).isEqualTo(1024);
    assertThat(config.depthDecoder().transformer().headDim()).isEqualTo(128);
    assertThat(config.codec().frameSamples()).isEqualTo(1920);
    assertThat(config.vocabularySize()).isEqualTo(2051);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "/hidden_size | \"64\" | hidden_size is \"64\", must be a whole number from 1",
        "/hidden_size | 0 | hidden_size is 0, must be a whole number from 1",
        "/hidden_size | 64.5 | hidden_size is 64.5, must be a whole number from 1",
        "/hidden_act | \"gelu\" | hidden_act is \"gelu\", only silu is supported",
        "/model_type | \"llama\" | model_type is \"llama\", only csm is supported",
        "/attention_bias | true | attention_bias is true, only false is supported",
        "/mlp_bias | true | mlp_bias is true, only false is supported",
        "/num_key_value_heads | 3 | num_key_value_heads is 3, must divide num_attention_heads, which is 4",
        "/head_dim | 15 | head_dim is 15, must be even",
        "/rms_norm_eps | -1 | rms_norm_eps is -1, must be a number above 0",
        "/rope_theta | 0 | rope_theta is 0, must be a number above 0",
        "/rope_scaling/rope_type | \"yarn\" | rope_scaling.rope_type is \"yarn\", only default and llama3 are supported",
        "/rope_scaling/factor | null | rope_scaling.factor is absent, must be a number above 0",
        "/rope_scaling/high_freq_factor | 0.1 | rope_scaling.high_freq_factor is 0.1, must be above low_freq_factor 0.125",
        "/codebook_eos_token_id | [0] | codebook_eos_token_id is [0], must be a whole number from 0",
        "/depth_decoder_config | 3 | depth_decoder_config is 3, must be an object",
        "/depth_decoder_config/num_codebooks | 9 | depth_decoder_config.num_codebooks is 9, must equal num_codebooks, which is 8",
        "/depth_decoder_config/vocab_size | 68 | depth_decoder_config.vocab_size is 68, must equal vocab_size, which is 67",
        "/depth_decoder_config/backbone_hidden_size | 48 | depth_decoder_config.backbone_hidden_size is 48, must equal hidden_size, which is 64",
        "/codec_config/num_quantizers | 9 | codec_config.num_quantizers is 9, must equal num_codebooks, which is 8",
        "/codec_config/codebook_size | 128 | vocab_size is 67, must be at least codec_config.codebook_size 128",
        "/codec_config/model_type | \"encodec\" | codec_config.model_type is \"encodec\", only mimi is supported",
        "/codec_config/num_residual_layers | 2 | codec_config.num_residual_layers is 2, only 1 is supported",
        "/codec_config/use_conv_shortcut | true | codec_config.use_conv_shortcut is true, only false is supported",
        "/codec_config/use_causal_conv | false | codec_config.use_causal_conv is false, only true is supported",
        "/codec_config/pad_mode | \"reflect\" | codec_config.pad_mode is \"reflect\", only constant is supported",
        "/codec_config/trim_right_ratio | 0.5 | codec_config.trim_right_ratio is 0.5, only 1.0 is supported",
        "/codec_config/audio_channels | 2 | codec_config.audio_channels is 2, only 1 is supported",
        "/codec_config/hidden_act | \"gelu_new\" | codec_config.hidden_act is \"gelu_new\", only gelu is supported",
        "/codec_config/upsampling_ratios | [8,0] | codec_config.upsampling_ratios is [8,0], must be an array of whole numbers from 1",
        "/codec_config/upsampling_ratios | [] | codec_config.upsampling_ratios is [], must be an array of at least one whole number",
        "/codec_config/frame_rate | 25 | codec_config.frame_rate is 25, must be sampling_rate / (2 * product of upsampling_ratios) = 12.5",
        "/codec_config/vector_quantization_hidden_dimension | 8 | vector_quantization_hidden_dimension is 8, must equal codebook_dim 16",
        "/codec_config/num_semantic_quantizers | 8 | codec_config.num_semantic_quantizers is 8, must be below num_quantizers 8",
        "/codec_config/upsample_groups | 5 | codec_config.upsample_groups is 5, must divide hidden_size 32",
        "/codec_config/compress | 3 | codec_config.compress is 3, must divide num_filters 8",
      })
  void refusesWhatItDoesNotSupport(String pointer, String value, String message) {
    // Given
    copyConfig();
    TinyCheckpoint.edit(directory, "config.json", root -> set(root, pointer, value));
    Path file = directory.resolve("config.json");

    // Then
    assertThatThrownBy(() -> CsmConfig.read(file))
        .isInstanceOf(CheckpointException.class)
        .hasMessageStartingWith(file + ": ")
        .hasMessageContaining(message);
  }

  @Test
  void refusesAnUnknownFlavour() throws IOException {
    // Given
    Path file = directory.resolve("config.json");
    Files.writeString(file, "{\"backbone_flavor\": \"llama-8B\"}");

    // Then
    assertThatThrownBy(() -> CsmConfig.read(file))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining(
            "backbone_flavor is \"llama-8B\", must be one of [llama-100M, llama-1B]");
  }

  @Test
  void refusesAFileThatIsNotJson() throws IOException {
    // Given
    Path file = Files.writeString(directory.resolve("config.json"), "{");

    // Then
    assertThatThrownBy(() -> CsmConfig.read(file))
        .isInstanceOf(CheckpointException.class)
        .hasMessageStartingWith(file + ": not JSON");
  }

  private void copyConfig() {
    try {
      Files.copy(TinyCheckpoint.DIRECTORY.resolve("config.json"), directory.resolve("config.json"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void set(ObjectNode root, String pointer, String value) {
    int slash = pointer.lastIndexOf('/');
    try {
      ((ObjectNode) root.at(pointer.substring(0, slash)))
          .set(pointer.substring(slash + 1), JSON.readTree(value));
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }
}
