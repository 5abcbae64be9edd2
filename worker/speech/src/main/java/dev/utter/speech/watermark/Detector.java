package dev.utter.speech.watermark;

import dev.utter.speech.audio.AudioClip;
import dev.utter.speech.audio.Resampler;
import dev.utter.speech.watermark.Detection.Outcome;
import dev.utter.speech.watermark.MessageCode.Reading;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;

/**
 * Decides what a clip carries. The networks read a message only where their frames lie as they lay
 * when it was written, so a clip that was cut is read at several offsets of less than one hop.
 */
final class Detector {
  /**
   * The number of offsets per hop that the search looks at first. A mark that can be read at one
   * offset shows over about a sixth of a hop to either side, so one of them lands on the slope.
   */
  private static final int COARSE_STEPS = 4;

  /** How often the step is halved around the most promising offset. */
  private static final int HALVINGS = 3;

  /**
   * Share of frames that agree with the expected key, or confidence of any message, from which on a
   * closer look may still find a mark. Without a mark the share stays below 0.38, and confidence
   * below 0.5 on clips of seven repeats and more.
   */
  private static final float PROMISING_SHARE = 0.43f;

  private static final float PROMISING_CONFIDENCE = 0.5f;

  /**
   * Confidence from which on the expected key, read without one wrong symbol, is beyond doubt. On
   * the slope beside its offset a key that differs in one symbol can be taken for it, but then
   * frames disagree about that symbol.
   */
  private static final float BEYOND_DOUBT = 0.7f;

  /** Looks whose confidence differs by less than this are equally good. */
  private static final float ALIKE = 0.05f;

  /**
   * Wrong symbols a short clip may have (no two keys drawn at random are so much alike), and votes
   * by which wrong symbols may win in a long one.
   */
  private static final int FORGIVEN = 2;

  private final Function<float[], int[]> symbols;
  private final HyperParameters numbers;
  private final WatermarkSettings settings;

  /**
   * @param symbols one pass: power-normalised samples to the most likely symbol of every frame
   */
  Detector(Function<float[], int[]> symbols, HyperParameters numbers, WatermarkSettings settings) {
    this.symbols = symbols;
    this.numbers = numbers;
    this.settings = settings;
  }

  /**
   * What a clip says when its first samples are left out.
   *
   * @param offset how many
   * @param share of the frames that agree with the expected key
   * @param decisive whether the expected key is beyond doubt, wherever else one might look
   * @param verdict what this look alone says
   */
  record Look(int offset, float share, boolean decisive, Detection verdict) {
    float confidence() {
      return verdict.confidence();
    }
  }

  /** Where to look. */
  @FunctionalInterface
  interface Search {
    List<Look> run(float[] samples, WatermarkKey expected);
  }

  Detection detect(AudioClip clip, WatermarkKey expected) {
    return detect(clip, expected, this::coarseToFine);
  }

  Detection detect(AudioClip clip, WatermarkKey expected, Search search) {
    float[] wide = Resampler.resample(clip, numbers.sampleRate()).samples();
    double gain = Loudness.gain(wide);
    if (gain == 0) {
      return new Detection(Outcome.NOT_FOUND, 0, "the clip is silent");
    }
    int frames = numbers.frames(wide.length);
    if (frames < numbers.messageLength()) {
      return new Detection(
          Outcome.NOT_FOUND,
          0,
          "the clip is too short: %d frames, a message takes %d"
              .formatted(frames, numbers.messageLength()));
    }
    return best(search.run(Loudness.scale(wide, gain), expected)).verdict();
  }

  /**
   * The look that decides: a decisive one, or else the most confident one; where others are about
   * as confident, one of those that carry a message.
   */
  private static Look best(List<Look> looks) {
    Comparator<Look> byConfidence = Comparator.comparing(Look::confidence);
    Look surest = Collections.max(looks, byConfidence);
    return looks.stream()
        .filter(Look::decisive)
        .findFirst()
        .or(
            () ->
                looks.stream()
                    .filter(look -> look.verdict().outcome() != Outcome.NOT_FOUND)
                    .filter(look -> look.confidence() > surest.confidence() - ALIKE)
                    .max(byConfidence))
        .orElse(surest);
  }

  /** Whether a message fits into the clip from an offset on. */
  boolean fits(float[] samples, int offset) {
    return numbers.frames(samples.length - offset) >= numbers.messageLength();
  }

  /** Reads a clip at one offset; costs one pass. */
  Look look(float[] samples, WatermarkKey expected, int offset) {
    int[] read = symbols.apply(Arrays.copyOfRange(samples, offset, samples.length));
    Reading reading = MessageCode.read(read, numbers.symbols(), numbers.messageLength());
    KeyEvidence evidence = KeyEvidence.of(read, expected.bytes(), numbers.symbols());
    boolean found = isExpected(reading, expected) || isProved(evidence, reading.repeats());
    boolean decisive = found && evidence.differing() == 0 && reading.confidence() >= BEYOND_DOUBT;
    return new Look(offset, evidence.share(), decisive, verdict(reading, found, expected));
  }

  /**
   * Frames enough agree with the key, and where the majority does not, that is damage: it won
   * narrowly, or there are so few votes that a symbol or two may be wrong.
   */
  private boolean isProved(KeyEvidence evidence, int repeats) {
    boolean damage =
        evidence.votesAgainst() <= FORGIVEN
            || (repeats < settings.minimumRepeats() && evidence.differing() <= FORGIVEN);
    return evidence.share() >= settings.threshold() && evidence.isOverwhelming() && damage;
  }

  private boolean isExpected(Reading reading, WatermarkKey expected) {
    return reading.confidence() >= settings.threshold()
        && reading.message().map(message -> expected.matches(message.bytes())).orElse(false);
  }

  /**
   * Ends at the first decisive look. Where a clip marked here and never cut has its mark, that is
   * the first one.
   */
  private List<Look> coarseToFine(float[] samples, WatermarkKey expected) {
    Looks looks = new Looks(samples, expected);
    int quarter = Math.max(1, numbers.hop() / COARSE_STEPS);
    for (int offset : new int[] {0, 2 * quarter, quarter, 3 * quarter}) {
      looks.at(offset);
    }
    if (looks.largest(Look::share).share() >= PROMISING_SHARE) {
      looks.around(Look::share, quarter);
    }
    Look surest = looks.largest(Look::confidence);
    if (surest.confidence() >= PROMISING_CONFIDENCE
        && best(looks.taken).verdict().outcome() != Outcome.OTHER_KEY) {
      looks.around(Look::confidence, quarter);
    }
    return looks.taken;
  }

  /** One clip's looks; none is taken after a decisive one. */
  private final class Looks {
    private final float[] samples;
    private final WatermarkKey expected;
    private final List<Look> taken = new ArrayList<>();

    Looks(float[] samples, WatermarkKey expected) {
      this.samples = samples;
      this.expected = expected;
    }

    void at(int offset) {
      int wrapped = Math.floorMod(offset, numbers.hop());
      boolean known = taken.stream().anyMatch(look -> look.decisive() || look.offset() == wrapped);
      if (!known && fits(samples, wrapped)) {
        taken.add(look(samples, expected, wrapped));
      }
    }

    /** Comes closer to the largest of these values, from the best look so far. */
    void around(Function<Look, Float> value, int reach) {
      int step = reach;
      for (int halving = 0; halving < HALVINGS; halving++) {
        step /= 2;
        int middle = largest(value).offset();
        at(middle + step);
        at(middle - step);
      }
    }

    Look largest(Function<Look, Float> value) {
      return Collections.max(taken, Comparator.comparing(value));
    }
  }

  private Detection verdict(Reading reading, boolean found, WatermarkKey expected) {
    float confidence = reading.confidence();
    if (found) {
      return new Detection(Outcome.MATCH, confidence, "the mark carries the expected key");
    }
    if (reading.message().isEmpty()) {
      return new Detection(Outcome.NOT_FOUND, confidence, "no message is well-formed");
    }
    if (confidence < settings.threshold()) {
      return new Detection(
          Outcome.NOT_FOUND,
          confidence,
          "confidence %.2f is below the threshold %.2f"
              .formatted(confidence, settings.threshold()));
    }
    if (reading.repeats() < settings.minimumRepeats()) {
      return new Detection(
          Outcome.NOT_FOUND,
          confidence,
          "%d repeats of a message other than the expected key, fewer than %d"
              .formatted(reading.repeats(), settings.minimumRepeats()));
    }
    float against = reading.message().get().confidenceAgainst(expected.bytes());
    if (against < settings.threshold()) {
      return new Detection(
          Outcome.NOT_FOUND,
          confidence,
          "the mark is damaged: confidence is %.2f where it differs from the expected key"
              .formatted(against));
    }
    return new Detection(Outcome.OTHER_KEY, confidence, "the mark carries another key");
  }
}
