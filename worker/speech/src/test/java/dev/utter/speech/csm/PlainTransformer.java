package dev.utter.speech.csm;

import dev.utter.speech.checkpoint.Checkpoint;
import dev.utter.speech.checkpoint.TinyCheckpoint;
import dev.utter.speech.checkpoint.config.TransformerConfig;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.IntStream;

/** The transformer in plain loops over doubles: no cache, no batch, every position every time. */
final class PlainTransformer {

  private final Checkpoint checkpoint;
  private final String prefix;
  private final TransformerConfig config;
  private final Map<String, float[]> weights = new HashMap<>();

  PlainTransformer(Checkpoint checkpoint, String prefix, TransformerConfig config) {
    this.checkpoint = checkpoint;
    this.prefix = prefix;
    this.config = config;
  }

  /** The normalised state of the last position. */
  double[] lastState(double[][] inputs) {
    double[][] x = Arrays.stream(inputs).map(double[]::clone).toArray(double[][]::new);
    for (int layer = 0; layer < config.layers(); layer++) {
      String name = "layers." + layer + ".";
      double[][] attended = attention(name + "self_attn.", norm(x, name + "input_layernorm"));
      x = sum(x, attended);
      x = sum(x, mlp(name + "mlp.", norm(x, name + "post_attention_layernorm")));
    }
    return norm(x, "norm")[x.length - 1];
  }

  private double[][] attention(String name, double[][] x) {
    int dim = config.headDim();
    double[][] queries = rotated(linear(x, name + "q_proj"));
    double[][] keys = rotated(linear(x, name + "k_proj"));
    double[][] values = linear(x, name + "v_proj");
    int shared = config.attentionHeads() / config.keyValueHeads();
    double[][] attended = new double[x.length][config.queryWidth()];
    for (int to = 0; to < x.length; to++) {
      for (int head = 0; head < config.attentionHeads(); head++) {
        int keyHead = head / shared;
        double[] scores = new double[to + 1];
        for (int from = 0; from <= to; from++) {
          for (int d = 0; d < dim; d++) {
            scores[from] += queries[to][head * dim + d] * keys[from][keyHead * dim + d];
          }
          scores[from] /= Math.sqrt(dim);
        }
        double[] weights = softmax(scores);
        for (int from = 0; from <= to; from++) {
          for (int d = 0; d < dim; d++) {
            attended[to][head * dim + d] += weights[from] * values[from][keyHead * dim + d];
          }
        }
      }
    }
    return linear(attended, name + "o_proj");
  }

  private double[][] rotated(double[][] x) {
    int half = config.headDim() / 2;
    float[] frequencies = config.rope().inverseFrequencies(config.headDim());
    for (int position = 0; position < x.length; position++) {
      for (int start = 0; start < x[position].length; start += config.headDim()) {
        for (int j = 0; j < half; j++) {
          double angle = position * frequencies[j];
          double a = x[position][start + j];
          double b = x[position][start + half + j];
          x[position][start + j] = a * Math.cos(angle) - b * Math.sin(angle);
          x[position][start + half + j] = b * Math.cos(angle) + a * Math.sin(angle);
        }
      }
    }
    return x;
  }

  private double[][] mlp(String name, double[][] x) {
    double[][] gate = linear(x, name + "gate_proj");
    double[][] up = linear(x, name + "up_proj");
    for (int i = 0; i < gate.length; i++) {
      for (int j = 0; j < gate[i].length; j++) {
        gate[i][j] = gate[i][j] / (1 + Math.exp(-gate[i][j])) * up[i][j];
      }
    }
    return linear(gate, name + "down_proj");
  }

  private double[][] norm(double[][] x, String name) {
    float[] weight = weight(name);
    double[][] result = new double[x.length][];
    for (int i = 0; i < x.length; i++) {
      double square = Arrays.stream(x[i]).map(v -> v * v).average().orElseThrow();
      double scale = 1 / Math.sqrt(square + config.normEps());
      double[] row = x[i];
      result[i] =
          IntStream.range(0, row.length).mapToDouble(j -> row[j] * scale * weight[j]).toArray();
    }
    return result;
  }

  private double[][] linear(double[][] x, String name) {
    float[] weight = weight(name);
    return Arrays.stream(x).map(row -> product(weight, row)).toArray(double[][]::new);
  }

  private float[] weight(String name) {
    return weights.computeIfAbsent(
        prefix + name + ".weight", key -> TinyCheckpoint.floats(checkpoint.tensors().get(key)));
  }

  /** Matrix (out, in) times vector. */
  static double[] product(float[] matrix, double[] vector) {
    double[] result = new double[matrix.length / vector.length];
    for (int i = 0; i < matrix.length; i++) {
      result[i / vector.length] += matrix[i] * vector[i % vector.length];
    }
    return result;
  }

  static double[] softmax(double[] scores) {
    double largest = Arrays.stream(scores).max().orElseThrow();
    double[] weights = Arrays.stream(scores).map(score -> Math.exp(score - largest)).toArray();
    double total = Arrays.stream(weights).sum();
    return Arrays.stream(weights).map(weight -> weight / total).toArray();
  }

  private static double[][] sum(double[][] a, double[][] b) {
    for (int i = 0; i < a.length; i++) {
      for (int j = 0; j < a[i].length; j++) {
        a[i][j] += b[i][j];
      }
    }
    return a;
  }
}
