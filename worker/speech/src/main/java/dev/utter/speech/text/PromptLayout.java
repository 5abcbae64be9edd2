package dev.utter.speech.text;

import dev.utter.speech.AudioCodes;
import dev.utter.speech.ContextSegment;
import dev.utter.speech.Utterance;
import dev.utter.speech.checkpoint.config.CsmConfig;
import dev.utter.speech.failure.CheckpointException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Lays utterances out as prompts: per context segment its text, its audio frames and one
 * end-of-audio row (all codes zero); then the text to speak.
 *
 * <p>Layout as in SesameAILabs/csm, {@code generator.py}. Threading: may be used from several
 * threads at once.
 */
public final class PromptLayout {

  private final TextTokenizer tokenizer;
  private final Sizes sizes;

  /**
   * Facts of the model that the layout depends on.
   *
   * @param codebooks codes per frame
   * @param vocabulary codes per codebook that context may hold
   * @param textVocabulary ids the text embedding has
   * @param audioId id that stands for a frame of context audio
   * @param audioEndId id that stands for the end of context audio
   */
  public record Sizes(
      int codebooks, int vocabulary, int textVocabulary, int audioId, int audioEndId) {

    /** The sizes of a checkpoint. */
    public static Sizes of(CsmConfig config) {
      return new Sizes(
          config.codebooks(),
          config.vocabularySize(),
          config.textVocabularySize(),
          config.audioId(),
          config.audioEosId());
    }
  }

  public PromptLayout(TextTokenizer tokenizer, Sizes sizes) {
    this.tokenizer = tokenizer;
    this.sizes = sizes;
  }

  /**
   * The prompt of an utterance.
   *
   * @throws dev.utter.speech.failure.InvalidUtteranceException if the utterance breaks a rule
   */
  public Prompt layOut(Utterance utterance) {
    UtteranceRules.check(utterance, sizes.codebooks(), sizes.vocabulary());
    Rows rows = new Rows(sizes);
    for (int i = 0; i < utterance.context().size(); i++) {
      ContextSegment segment = utterance.context().get(i);
      rows.text(encode("context[" + i + "].text", segment.speaker(), segment.text()));
      rows.audio(segment.codes());
    }
    int[] spoken = encode("text", utterance.speaker(), utterance.text());
    rows.text(spoken);
    return rows.prompt(spoken.length);
  }

  /**
   * A prompt of text ids instead of text: one context segment, then the text to speak. The ids are
   * used unchanged.
   */
  public static Prompt ofIds(Sizes sizes, int[] contextIds, AudioCodes context, int[] ids) {
    Rows rows = new Rows(sizes);
    rows.text(contextIds);
    rows.audio(context);
    rows.text(ids);
    return rows.prompt(ids.length);
  }

  private int[] encode(String field, int speaker, String text) {
    int[] ids = tokenizer.encode(field, speaker, text);
    for (int id : ids) {
      if (id >= sizes.textVocabulary()) {
        throw new CheckpointException(
            "the tokenizer gives id "
                + id
                + ", but the model's text embedding has "
                + sizes.textVocabulary()
                + " rows");
      }
    }
    return ids;
  }

  private static final class Rows {

    private final Sizes sizes;
    private final IntStream.Builder ids = IntStream.builder();
    private final IntStream.Builder rows = IntStream.builder();
    private final List<Integer> contextEnds = new ArrayList<>();
    private int positions;

    Rows(Sizes sizes) {
      this.sizes = sizes;
    }

    void text(int[] textIds) {
      for (int id : textIds) {
        add(id, new int[sizes.codebooks()], id);
      }
    }

    void audio(AudioCodes codes) {
      for (int frame = 0; frame < codes.frames(); frame++) {
        add(sizes.audioId(), codes.frame(frame), Prompt.NO_TEXT);
      }
      add(sizes.audioEndId(), new int[sizes.codebooks()], Prompt.NO_TEXT);
      contextEnds.add(positions);
    }

    private void add(int id, int[] codes, int textColumn) {
      positions++;
      ids.add(id);
      for (int code : codes) {
        rows.add(code);
      }
      rows.add(textColumn);
    }

    Prompt prompt(int spokenTokens) {
      return new Prompt(
          sizes.codebooks(),
          ids.build().toArray(),
          rows.build().toArray(),
          spokenTokens,
          contextEnds);
    }
  }
}
