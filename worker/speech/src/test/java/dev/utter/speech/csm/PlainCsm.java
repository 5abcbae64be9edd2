package dev.utter.speech.csm;

import dev.utter.speech.SynthesisOptions;
import dev.utter.speech.checkpoint.Checkpoint;
import dev.utter.speech.checkpoint.TinyCheckpoint;
import dev.utter.speech.checkpoint.config.CsmConfig;
import dev.utter.speech.text.Prompt;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The language model in plain loops: the slow, obvious reference of csm.py. */
public final class PlainCsm {

  private final Checkpoint checkpoint;
  private final CsmConfig config;
  private final PlainTransformer backbone;
  private final PlainTransformer depth;
  private final Map<String, float[]> weights = new HashMap<>();

  public PlainCsm(Checkpoint checkpoint) {
    this.checkpoint = checkpoint;
    this.config = checkpoint.config();
    backbone = new PlainTransformer(checkpoint, "backbone_model.", config.backbone());
    depth =
        new PlainTransformer(
            checkpoint, "depth_decoder.model.", config.depthDecoder().transformer());
  }

  /** This number of frames; ends are ignored. */
  public List<int[]> generate(Prompt prompt, SynthesisOptions options) {
    PlainSampler sampler = new PlainSampler(options, config.codec().codebookSize());
    int width = prompt.rowWidth();
    List<double[]> inputs = new ArrayList<>();
    for (int i = 0; i < prompt.positions(); i++) {
      inputs.add(embed(Arrays.copyOfRange(prompt.rows(), i * width, (i + 1) * width)));
    }
    List<int[]> frames = new ArrayList<>();
    for (int frame = 0; frame < options.maxFrames(); frame++) {
      int[] codes = frame(inputs.toArray(double[][]::new), frame, sampler);
      frames.add(codes);
      int[] row = Arrays.copyOf(codes, width);
      row[width - 1] = Prompt.NO_TEXT;
      inputs.add(embed(row));
    }
    return frames;
  }

  private int[] frame(double[][] inputs, int frame, PlainSampler sampler) {
    double[] state = backbone.lastState(inputs);
    int[] codes = new int[config.codebooks()];
    codes[0] = sampler.sample(PlainTransformer.product(weight("lm_head.weight"), state), frame, 0);
    List<double[]> depthInputs = new ArrayList<>(List.of(projected(state)));
    for (int codebook = 1; codebook < codes.length; codebook++) {
      depthInputs.add(
          projected(row(depthTable(), (codebook - 1) * vocabulary() + codes[codebook - 1])));
      double[] depthState = depth.lastState(depthInputs.toArray(double[][]::new));
      codes[codebook] = sampler.sample(depthLogits(depthState, codebook), frame, codebook);
    }
    return codes;
  }

  /** The depth heads are (codebooks - 1, width, vocabulary). */
  private double[] depthLogits(double[] state, int codebook) {
    float[] heads = weight("depth_decoder.codebooks_head.weight");
    double[] logits = new double[vocabulary()];
    for (int i = 0; i < state.length; i++) {
      for (int entry = 0; entry < logits.length; entry++) {
        logits[entry] +=
            state[i] * heads[((codebook - 1) * state.length + i) * logits.length + entry];
      }
    }
    return logits;
  }

  private double[] embed(int[] row) {
    int text = row[config.codebooks()];
    if (text != Prompt.NO_TEXT) {
      return row(weight("embed_text_tokens.weight"), text);
    }
    float[] table = weight("backbone_model.embed_tokens.embed_audio_tokens.weight");
    double[] sum = new double[config.backbone().hiddenSize()];
    for (int codebook = 0; codebook < config.codebooks(); codebook++) {
      double[] part = row(table, codebook * vocabulary() + row[codebook]);
      Arrays.setAll(sum, i -> sum[i] + part[i]);
    }
    return sum;
  }

  private double[] row(float[] table, int index) {
    int width = config.backbone().hiddenSize();
    double[] row = new double[width];
    Arrays.setAll(row, i -> table[index * width + i]);
    return row;
  }

  private double[] projected(double[] x) {
    return PlainTransformer.product(
        weight("depth_decoder.model.inputs_embeds_projector.weight"), x);
  }

  private float[] depthTable() {
    return weight("depth_decoder.model.embed_tokens.weight");
  }

  private int vocabulary() {
    return config.vocabularySize();
  }

  private float[] weight(String name) {
    return weights.computeIfAbsent(
        name, key -> TinyCheckpoint.floats(checkpoint.tensors().get(key)));
  }
}
