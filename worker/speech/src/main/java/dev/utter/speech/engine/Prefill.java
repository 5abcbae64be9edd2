package dev.utter.speech.engine;

import dev.utter.speech.csm.CsmProgram;
import dev.utter.speech.csm.KeyValues;
import dev.utter.speech.text.Prompt;
import java.util.List;

/**
 * Runs prompts through the backbone, a chunk at a time and outside the slots. The last position is
 * left out: the first step feeds it.
 *
 * <p>Chunks end where context segments end and at regular positions in between, whether or not
 * anything before them was copied: a chunk is rounded the same way in a prompt that was run as a
 * whole and in one whose beginning was cached.
 *
 * <p>Threading: not safe, one thread at a time.
 */
public final class Prefill {

  private final CsmProgram program;
  private final PrefixCache cache;
  private final int chunk;

  public Prefill(CsmProgram program, PrefixCache cache, int chunk) {
    this.program = program;
    this.cache = cache;
    this.chunk = chunk;
  }

  /** Allocates the KV cache of the prompt and copies what the prefix cache has of it. */
  public void begin(Generation generation) {
    KeyValues keyValues = program.newKeyValues(generation.prompt.positions() - 1);
    try {
      generation.begin(keyValues, cache.copyInto(keyValues, generation.prompt));
    } catch (RuntimeException e) {
      keyValues.close();
      throw e;
    }
  }

  /** Maximum number of positions between two frames. */
  int chunk() {
    return chunk;
  }

  /** Positions of the next chunk. */
  int next(Generation generation) {
    return chunkEnd(generation.prompt, generation.prefilled()) - generation.prefilled();
  }

  /** Runs one chunk. */
  public void advance(Generation generation) {
    Prompt prompt = generation.prompt;
    int from = generation.prefilled();
    int to = chunkEnd(prompt, from);
    if (from < to) {
      program.prefill(generation.keyValues(), prompt, from, to);
      generation.prefilledTo(to);
      int segment = prompt.contextEnds().indexOf(to);
      if (segment >= 0) {
        cache.keep(generation.keyValues(), prompt, segment);
      }
    }
  }

  public boolean done(Generation generation) {
    return generation.prefilled() == generation.prompt.positions() - 1;
  }

  private int chunkEnd(Prompt prompt, int from) {
    int end = Math.min(from + chunk, prompt.positions() - 1);
    List<Integer> contextEnds = prompt.contextEnds();
    return contextEnds.stream()
        .filter(contextEnd -> contextEnd > from)
        .findFirst()
        .map(contextEnd -> Math.min(end, contextEnd))
        .orElse(end);
  }
}
