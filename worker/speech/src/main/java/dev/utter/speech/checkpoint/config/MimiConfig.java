package dev.utter.speech.checkpoint.config;

import java.util.List;
import java.util.Optional;

/**
 * Sizes of the Mimi codec, from {@code codec_config}. Mono, causal, one residual layer per stage;
 * anything else is refused.
 *
 * @param sampleRate samples per second
 * @param filters channels of the first convolution
 * @param ratios upsampling ratio of each decoder stage, in the decoder's order
 * @param kernelSize kernel of the first convolution of encoder and decoder
 * @param lastKernelSize kernel of their last one
 * @param residualKernelSize kernel of the residual blocks
 * @param compress factor by which residual blocks reduce the channels
 * @param codebookSize entries per codebook
 * @param codebookDim width of an entry
 * @param codebooks all codebooks
 * @param semanticCodebooks how many of them, from the first on, are semantic
 * @param upsampleGroups groups of the transposed convolution between quantizer and transformer
 * @param slidingWindow positions a query sees, itself included
 * @param transformer sizes of encoder's and decoder's transformer, one of each
 */
public record MimiConfig(
    int sampleRate,
    int filters,
    List<Integer> ratios,
    int kernelSize,
    int lastKernelSize,
    int residualKernelSize,
    int compress,
    int codebookSize,
    int codebookDim,
    int codebooks,
    int semanticCodebooks,
    int upsampleGroups,
    int slidingWindow,
    TransformerConfig transformer) {

  /** Stride of the convolution between transformer and quantizer. */
  public static final int FRAME_STRIDE = 2;

  private static final List<Integer> ABSENT_RATIOS = List.of(8, 6, 5, 4);

  private static final TransformerConfig ABSENT =
      new TransformerConfig(
          512, 2048, 8, 8, 8, 64, 8000, 1e-5, new RopeConfig(10_000, Optional.empty()));

  /** The codec CSM-1B was published with, for layouts whose config.json does not describe it. */
  static MimiConfig published(int codebooks) {
    return new MimiConfig(
        24_000, 64, ABSENT_RATIOS, 7, 3, 3, 2, 2048, 256, codebooks, 1, 512, 250, ABSENT);
  }

  public MimiConfig {
    ratios = List.copyOf(ratios);
  }

  /** Samples one transformer position stands for. */
  int hopLength() {
    return ratios.stream().reduce(1, Math::multiplyExact);
  }

  /** Samples one frame of codes stands for. */
  public int frameSamples() {
    return hopLength() * FRAME_STRIDE;
  }

  /** Frames per second. */
  public double frameRate() {
    return (double) sampleRate / frameSamples();
  }

  /** Kernel of the convolutions between transformer and quantizer. */
  public int frameKernelSize() {
    double hopRate = Math.ceil((double) sampleRate / hopLength());
    return 2 * (int) (hopRate / frameRate());
  }

  /** Whether the quantizers project to a width that differs from the transformer's. */
  public boolean projectsQuantizer() {
    return codebookDim != transformer.hiddenSize();
  }

  static MimiConfig read(ConfigFields fields) {
    fields.demand("model_type", "mimi");
    fields.demand("audio_channels", 1);
    fields.demand("num_residual_layers", 1);
    fields.demand("use_causal_conv", true);
    fields.demand("use_conv_shortcut", false);
    fields.demand("pad_mode", "constant");
    fields.demand("trim_right_ratio", 1.0);
    fields.demand("hidden_act", "gelu");
    TransformerConfig transformer = TransformerConfig.read(fields, ABSENT, "norm_eps");
    int codebookDim = fields.count("codebook_dim", 256);
    int hiddenDim = fields.count("vector_quantization_hidden_dimension", 256);
    if (hiddenDim != codebookDim) {
      throw fields.refuse(
          "vector_quantization_hidden_dimension", "must equal codebook_dim " + codebookDim);
    }
    MimiConfig config =
        new MimiConfig(
            fields.count("sampling_rate", 24_000),
            fields.count("num_filters", 64),
            fields.counts("upsampling_ratios", ABSENT_RATIOS),
            fields.count("kernel_size", 7),
            fields.count("last_kernel_size", 3),
            fields.count("residual_kernel_size", 3),
            fields.count("compress", 2),
            fields.count("codebook_size", 2048),
            codebookDim,
            fields.count("num_quantizers", 32),
            fields.count("num_semantic_quantizers", 1),
            fields.count("upsample_groups", 512),
            fields.count("sliding_window", 250),
            transformer);
    config.check(fields);
    return config;
  }

  private void check(ConfigFields fields) {
    if (semanticCodebooks >= codebooks) {
      throw fields.refuse("num_semantic_quantizers", "must be below num_quantizers " + codebooks);
    }
    if (transformer.hiddenSize() % upsampleGroups != 0) {
      throw fields.refuse("upsample_groups", "must divide hidden_size " + transformer.hiddenSize());
    }
    if (filters % compress != 0) {
      throw fields.refuse("compress", "must divide num_filters " + filters);
    }
    for (String name : List.of("frame_rate", "_frame_rate")) {
      if (Math.abs(fields.positive(name, frameRate()) - frameRate()) > 1e-6 * frameRate()) {
        throw fields.refuse(
            name, "must be sampling_rate / (2 * product of upsampling_ratios) = " + frameRate());
      }
    }
  }
}
