package dev.utter.benchmarks.measure;

import dev.utter.speech.checkpoint.config.CsmConfig;
import dev.utter.speech.text.Prompt;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/** Prompts of text ids drawn once and for all: the same for both sides and in every run. */
public final class Prompts {
  /** Positions of the sentence to speak, which every prompt ends with. */
  public static final int SENTENCE = 16;

  private static final long SEED = 20_260_101;

  private final int codebooks;
  private final int[] context;
  private final List<int[]> sentences;

  private Prompts(int codebooks, int[] context, List<int[]> sentences) {
    this.codebooks = codebooks;
    this.context = context;
    this.sentences = sentences;
  }

  /**
   * Draws prompts.
   *
   * @param context positions before the sentence, the same for all
   * @param batch how many prompts
   */
  public static Prompts draw(CsmConfig config, int context, int batch) {
    // Ordinary text ids come first in the vocabulary, special ones after them.
    int ordinary =
        IntStream.of(config.bosId(), config.audioId(), config.audioEosId()).min().orElseThrow();
    int[] shared = new Random(SEED).ints(context, 1, ordinary).toArray();
    List<int[]> sentences = new ArrayList<>();
    for (int row = 0; row < batch; row++) {
      sentences.add(new Random(SEED + 1 + row).ints(SENTENCE, 1, ordinary).toArray());
    }
    return new Prompts(config.codebooks(), shared, sentences);
  }

  /** Text ids of each prompt. */
  public List<int[]> ids() {
    return sentences.stream()
        .map(own -> IntStream.concat(IntStream.of(context), IntStream.of(own)).toArray())
        .toList();
  }

  /** The same prompts as this engine takes them, the context as one segment. */
  public List<Prompt> rows() {
    return sentences.stream().map(own -> Prompt.ofText(codebooks, context, own)).toList();
  }
}
