package dev.utter.speech.parity;

import dev.utter.speech.AudioCodes;
import dev.utter.speech.FrameListener;
import dev.utter.speech.SynthesisOptions;
import dev.utter.speech.Utterance;
import dev.utter.speech.audio.AudioClip;
import dev.utter.speech.audio.AudioLimits;
import dev.utter.speech.audio.decode.AudioDecoder;
import dev.utter.speech.audio.resample.Resampler;
import dev.utter.speech.checkpoint.Checkpoint;
import dev.utter.speech.checkpoint.Companions;
import dev.utter.speech.checkpoint.config.CsmConfig;
import dev.utter.speech.csm.WeightMemory;
import dev.utter.speech.digest.Sha256;
import dev.utter.speech.ending.EndingSettings;
import dev.utter.speech.engine.GenerationSettings;
import dev.utter.speech.failure.EmptyAudioException;
import dev.utter.speech.measure.FrameGenerator;
import dev.utter.speech.mimi.MimiCodec;
import dev.utter.speech.text.Prompt;
import dev.utter.speech.text.PromptLayout;
import dev.utter.speech.text.TextTokenizer;
import dev.utter.speech.torch.EngineSettings;
import dev.utter.speech.torch.EngineSettings.Precision;
import dev.utter.speech.torch.TorchEngine;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * Numbers that others computed with {@code sesame/csm-1b}: ids of texts, the first frame of a
 * sentence, codes of recordings. They prove an installation on the model itself; {@link Parity}
 * needs a fixture.
 */
public final class PublishedValues {

  /** The ids that a text gives with the published tokenizer. */
  record Turn(int speaker, String text, int[] ids) {}

  static final List<Turn> TURNS =
      List.of(
          new Turn(
              0,
              "Hey how are you doing?",
              new int[] {
                128000, 58, 15, 60, 19182, 1268, 527, 499, 3815, 30, 128001,
              }),
          new Turn(
              1,
              "Pretty good, pretty good. How about you?",
              new int[] {
                128000, 58, 16, 60, 53040, 1695, 11, 5128, 1695, 13, 2650, 922, 499, 30, 128001,
              }));

  /** Greedy, in 32 bit, without context. */
  private static final Utterance SENTENCE =
      new Utterance(0, "The past is just a story we tell ourselves.");

  private static final int[] FIRST_FRAME = {
    1656, 629, 723, 1785, 206, 1873, 1059, 1190, 1833, 240, 618, 350, 156, 109, 2010, 452, 435,
    1764, 77, 654, 1133, 908, 1095, 74, 804, 494, 1760, 1343, 1312, 1464, 1657, 324,
  };

  /**
   * The first codes of a recording that is published beside the weights.
   *
   * @param codes by codebook
   */
  record Recording(String file, String sha256, int[][] codes) {}

  private static final List<Recording> RECORDINGS =
      List.of(
          new Recording(
              "prompts/conversational_a.wav",
              "356648c1bc6c1da7883004557e9b21a2ef7d01682d8b9d02d6dcb950b348b04f",
              new int[][] {
                {1952, 359, 526, 1127, 1417, 371, 728, 819},
                {425, 1597, 2043, 1671, 889, 1823, 98, 852},
                {1966, 1325, 1867, 476, 1414, 1756, 2006, 1313},
                {567, 426, 689, 1303, 862, 560, 89, 1275},
              }),
          new Recording(
              "prompts/conversational_b.wav",
              "c247153011385d33aaeed193adfec562c32182e2facd30cc8cd0b3e820e94afb",
              new int[][] {
                {1049, 919, 599, 510, 1273, 950, 1295, 1764},
                {1597, 130, 449, 663, 1243, 518, 212, 707},
                {323, 2, 953, 710, 1264, 1368, 256, 145},
                {1276, 56, 1509, 1671, 1519, 305, 1036, 1567},
              }));

  /** Another resampler may change a code that was a close decision. */
  private static final double MAX_OTHER_CODES = 0.1;

  private static final String NOT_PUBLISHED =
      "the weights are not recognised as those of sesame/csm-1b: random or fine-tuned ones, or"
          + " another revision";

  private PublishedValues() {}

  /**
   * Compares the ids of two texts. For a model with another vocabulary than Llama's, only checks
   * that the tokenizer fits it.
   *
   * @throws dev.utter.speech.failure.CheckpointException if the folder holds no checkpoint and
   *     tokenizer that fit each other
   */
  public static PublishedResult tokens(Path folder) {
    Checkpoint checkpoint = Checkpoint.open(folder);
    CsmConfig config = checkpoint.config();
    try (TextTokenizer tokenizer =
        TextTokenizer.load(Companions.tokenizerFolder(folder), config.bosId())) {
      return tokens(config, tokenizer);
    }
  }

  static PublishedResult tokens(CsmConfig config, TextTokenizer tokenizer) {
    PromptLayout layout = new PromptLayout(tokenizer, PromptLayout.Sizes.of(config));
    if (config.textVocabularySize() != CsmConfig.csm1b().textVocabularySize()) {
      TURNS.forEach(turn -> layout.layOut(new Utterance(turn.speaker(), turn.text())));
      return PublishedResult.notCompared(
          "the published ids are Llama's, this model has a vocabulary of its own with "
              + config.textVocabularySize()
              + " ids, which the tokenizer fits");
    }
    return TURNS.stream()
        .map(turn -> tokens(layout, turn))
        .filter(result -> result.outcome() != PublishedResult.Outcome.EQUAL)
        .findFirst()
        .orElseGet(
            () ->
                new PublishedResult(
                    PublishedResult.Outcome.EQUAL, TURNS.size() + " texts give the published ids"));
  }

  private static PublishedResult tokens(PromptLayout layout, Turn turn) {
    Prompt prompt = layout.layOut(new Utterance(turn.speaker(), turn.text()));
    return PublishedResult.of(
        Comparison.equal("ids of \"" + turn.text() + "\"", turn.ids(), prompt.ids()));
  }

  /**
   * Compares the first frame of a sentence, spoken greedily.
   *
   * @throws dev.utter.speech.failure.CheckpointException if the folder holds no usable checkpoint
   * @throws IllegalStateException if the native engine cannot start
   */
  public static PublishedResult frames(Path folder, EngineSettings settings) {
    if (settings.precision() != Precision.FLOAT32) {
      return PublishedResult.notCompared(
          "the published frame is that of FLOAT32, and precision is " + settings.precision());
    }
    Checkpoint checkpoint = Checkpoint.open(folder);
    if (!PublishedWeights.CSM_1B.areIn(checkpoint)) {
      return PublishedResult.notCompared(NOT_PUBLISHED);
    }
    TorchEngine engine = TorchEngine.start(settings);
    WeightMemory memory = WeightMemory.of(engine.settings(), checkpoint);
    if (memory.weightBytes() + memory.slotBytes() > engine.freeBytes()) {
      return PublishedResult.notCompared(
          "the weights take " + memory.weightBytes() + " bytes, and fewer are free");
    }
    return frame(checkpoint, engine, SENTENCE, FIRST_FRAME);
  }

  static PublishedResult frame(
      Checkpoint checkpoint, TorchEngine engine, Utterance sentence, int[] expected) {
    try (TextTokenizer tokenizer =
            TextTokenizer.load(
                Companions.tokenizerFolder(checkpoint.directory()), checkpoint.config().bosId());
        FrameGenerator generator =
            FrameGenerator.load(
                engine, checkpoint, GenerationSettings.defaults(), EndingSettings.NONE)) {
      PromptLayout layout = new PromptLayout(tokenizer, PromptLayout.Sizes.of(checkpoint.config()));
      AudioCodes codes =
          generator
              .generate(
                  layout.layOut(sentence), SynthesisOptions.greedy(1), FrameListener.KEEP_GOING)
              .codes();
      return PublishedResult.of(
          Comparison.equal("codes of the first frame", expected, codes.frame(0)));
    } catch (EmptyAudioException e) {
      return new PublishedResult(
          PublishedResult.Outcome.DIFFERENT, "the first frame ends the utterance");
    }
  }

  /**
   * Compares the codec's codes of the recordings that are published beside the weights.
   *
   * @throws dev.utter.speech.failure.CheckpointException if the folder holds no usable checkpoint
   * @throws IllegalStateException if the native engine cannot start
   */
  public static PublishedResult codes(Path folder, EngineSettings settings) {
    List<Recording> recordings =
        RECORDINGS.stream().filter(recording -> isIn(folder, recording)).toList();
    if (recordings.isEmpty()) {
      return PublishedResult.notCompared(
          "the folder has no "
              + String.join(", ", RECORDINGS.stream().map(Recording::file).toList())
              + " as published");
    }
    Checkpoint checkpoint = Checkpoint.open(folder);
    if (!PublishedWeights.CSM_1B.areIn(checkpoint)) {
      return PublishedResult.notCompared(NOT_PUBLISHED);
    }
    return codes(checkpoint, TorchEngine.start(settings), recordings);
  }

  private static boolean isIn(Path folder, Recording recording) {
    Path file = folder.resolve(recording.file());
    try {
      return Files.isRegularFile(file) && Sha256.hex(file).equals(recording.sha256());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static PublishedResult codes(
      Checkpoint checkpoint, TorchEngine engine, List<Recording> recordings) {
    int sampleRate = checkpoint.config().codec().sampleRate();
    int compared = 0;
    int different = 0;
    try (MimiCodec codec = MimiCodec.load(engine, checkpoint)) {
      for (Recording recording : recordings) {
        AudioCodes codes =
            codec
                .encoder()
                .encode(
                    Resampler.resample(
                        read(checkpoint.directory().resolve(recording.file())), sampleRate));
        compared += Arrays.stream(recording.codes()).mapToInt(row -> row.length).sum();
        different += different(recording, codes);
      }
    }
    return new PublishedResult(
        different <= MAX_OTHER_CODES * compared
            ? PublishedResult.Outcome.EQUAL
            : PublishedResult.Outcome.DIFFERENT,
        (compared - different) + " of " + compared + " codes of recordings are the published ones");
  }

  private static int different(Recording recording, AudioCodes codes) {
    int different = 0;
    for (int codebook = 0; codebook < recording.codes().length; codebook++) {
      int[] expected = recording.codes()[codebook];
      for (int frame = 0; frame < expected.length; frame++) {
        boolean same = frame < codes.frames() && codes.frame(frame)[codebook] == expected[frame];
        different += same ? 0 : 1;
      }
    }
    return different;
  }

  private static AudioClip read(Path file) {
    try {
      return new AudioDecoder(AudioLimits.DEFAULT).decode(Files.readAllBytes(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
