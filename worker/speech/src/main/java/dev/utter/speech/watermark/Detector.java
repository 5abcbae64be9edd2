package dev.utter.speech.watermark;

import dev.utter.speech.audio.AudioClip;
import dev.utter.speech.audio.resample.Resampler;
import dev.utter.speech.watermark.Detection.Outcome;
import dev.utter.speech.watermark.MessageCode.Reading;
import dev.utter.speech.watermark.network.HyperParameters;
import dev.utter.speech.watermark.network.LookPrecision;
import dev.utter.speech.watermark.network.Loudness;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Decides which key a clip carries, if any. The networks read a message only if their frames begin
 * at the same samples as when it was embedded. So a clip that was cut is read at several offsets of
 * less than one hop.
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
   * Maximum number of wrong symbols in a short clip (two keys drawn at random differ in more), and
   * of votes by which wrong symbols win in a long one.
   */
  private static final int FORGIVEN = 2;

  /**
   * Bits of the key, out of 40, that the majorities must give: a random clip has the key of a
   * deployment once in 2^28 times.
   */
  private static final double DISTINCT_BITS = 28;

  /**
   * Share of the repetitions that every symbol of a message must exceed. Symbols that damage put in
   * place of others had up to 0.43 in trials; those of undamaged marks had 0.57 and more.
   */
  private static final float ABSOLUTE_MAJORITY = 0.5f;

  /**
   * Repeats of the message in a part that is read before the whole clip; with fewer than 5, keys
   * that are much alike are not distinguished. The loudest part was decisive in 83 % of marked
   * clips, in 56 % of those with faint noise. Longer parts cost more than they find.
   */
  private static final int PART_REPEATS = 5;

  /** Clips with fewer repeats are read whole. From 9 on a part pays with faint noise, too. */
  private static final int MIN_REPEATS = 9;

  /** One pass: power-normalised samples to the most likely symbol of every frame. */
  @FunctionalInterface
  interface Reader {
    int[] read(float[] samples, LookPrecision precision);
  }

  private final Reader reader;
  private final HyperParameters numbers;
  private final WatermarkSettings settings;
  private final boolean reduces;

  /**
   * @param reduces whether first looks are tried with reduced precision
   */
  Detector(Reader reader, HyperParameters numbers, WatermarkSettings settings, boolean reduces) {
    this.reader = reader;
    this.numbers = numbers;
    this.settings = settings;
    this.reduces = reduces;
  }

  /** The symbols of one clip at every offset that was asked for; each costs one pass. */
  final class Passes {
    private final float[] samples;
    private final Map<Integer, int[]> taken = new HashMap<>();

    private Passes(float[] samples) {
      this.samples = samples;
    }

    /** Whether a message fits into the clip from an offset on. */
    boolean fit(int offset) {
      return numbers.frames(samples.length - offset) >= numbers.messageLength();
    }

    private int[] at(int offset) {
      return taken.computeIfAbsent(
          offset,
          from ->
              reader.read(Arrays.copyOfRange(samples, from, samples.length), LookPrecision.EXACT));
    }
  }

  /**
   * What was read of a clip without its first samples.
   *
   * @param offset number of samples left out
   * @param share of the frames that agree with the expected key; 0 if there is none
   * @param decisive whether the expected key is beyond doubt, so that no other offset has to be
   *     read
   * @param tied whether another symbol is as frequent as the expected key's at some place
   * @param verdict the verdict of this look alone
   */
  record Look(int offset, float share, boolean decisive, boolean tied, Detection verdict) {
    float confidence() {
      return verdict.confidence();
    }
  }

  /** Looks for a key at some offsets; or, without a key, for any message. */
  @FunctionalInterface
  interface Search {
    List<Look> run(Passes passes, Optional<WatermarkKey> expected);
  }

  /**
   * The verdict on a clip. Cheap looks come first: with reduced precision, and at parts of a long
   * clip. A cheap look counts only if it is decisive: every symbol of a key was read, and at a part
   * none is tied, because the rest could decide against it. All other clips are searched.
   */
  Detection detect(AudioClip clip, KeyRing keys) {
    float[] wide = Resampler.resample(clip, numbers.sampleRate()).samples();
    return atFirstLooks(wide, keys).orElseGet(() -> search(wide, keys, this::coarseToFine));
  }

  private Optional<Detection> atFirstLooks(float[] wide, KeyRing keys) {
    for (int[] part : firstLooks(wide)) {
      float[] samples = Arrays.copyOfRange(wide, part[0], part[1]);
      double gain = Loudness.gain(samples);
      if (gain == 0 || numbers.frames(samples.length) < numbers.messageLength()) {
        continue;
      }
      int[] read = reader.read(Loudness.scale(samples, gain), firstPrecision());
      float share = 0;
      for (WatermarkKey key : keys.keys()) {
        Look look = look(read, Optional.of(key), part[0]);
        if (look.decisive() && !(look.tied() && samples.length < wide.length)) {
          return Optional.of(look.verdict());
        }
        share = Math.max(share, look.share());
      }
      if (share < PROMISING_SHARE) {
        break;
      }
    }
    return Optional.empty();
  }

  private LookPrecision firstPrecision() {
    return reduces ? LookPrecision.REDUCED : LookPrecision.EXACT;
  }

  /**
   * Begin and end, in samples, of what to read before a search; empty if a search is as fast. The
   * loudest part comes first, as silence carries no mark: one without promise ends the looks. The
   * parts together are not longer than the clip.
   */
  private List<int[]> firstLooks(float[] wide) {
    int message = numbers.messageLength() * numbers.hop();
    int part = PART_REPEATS * message;
    int end = wide.length - part;
    Stream<int[]> parts =
        wide.length < MIN_REPEATS * message
            ? Stream.empty()
            : Stream.of(0, end / 2, end)
                // In a clip that was not cut frames begin at multiples of a hop.
                .map(start -> start / numbers.hop() * numbers.hop())
                .map(start -> new int[] {start, start + part})
                .sorted(Comparator.comparing(range -> gain(wide, range)))
                .limit(wide.length / part);
    Stream<int[]> whole = reduces ? Stream.of(new int[] {0, wide.length}) : Stream.empty();
    return Stream.concat(parts, whole).toList();
  }

  /** The louder a part, the smaller its gain; silence has the largest. */
  private static double gain(float[] wide, int[] range) {
    double gain = Loudness.gain(Arrays.copyOfRange(wide, range[0], range[1]));
    return gain == 0 ? Double.MAX_VALUE : gain;
  }

  /** Reads the symbols that {@link #detect} reads first of a marked clip, without a verdict. */
  int[] readOnce(AudioClip clip) {
    float[] wide = Resampler.resample(clip, numbers.sampleRate()).samples();
    int[] part = firstLooks(wide).stream().findFirst().orElse(new int[] {0, wide.length});
    float[] samples = Arrays.copyOfRange(wide, part[0], part[1]);
    return reader.read(Loudness.scale(samples, Loudness.gain(samples)), firstPrecision());
  }

  /** The verdict of a search of the whole clip. */
  Detection search(AudioClip clip, KeyRing keys) {
    return search(clip, keys, this::coarseToFine);
  }

  Detection search(AudioClip clip, KeyRing keys, Search search) {
    return search(Resampler.resample(clip, numbers.sampleRate()).samples(), keys, search);
  }

  /**
   * The verdict on a whole clip. If it carries none of the keys, the verdict comes from a search
   * that does not use the keys: it must not show an attacker how close a forged clip is to a key.
   */
  private Detection search(float[] wide, KeyRing keys, Search search) {
    double gain = Loudness.gain(wide);
    if (gain == 0) {
      return Detection.notFound(0, "the clip is silent");
    }
    int frames = numbers.frames(wide.length);
    if (frames < numbers.messageLength()) {
      return Detection.notFound(
          0,
          "the clip is too short: %d frames, a message takes %d"
              .formatted(frames, numbers.messageLength()));
    }
    Passes passes = new Passes(Loudness.scale(wide, gain));
    for (WatermarkKey key : keys.keys()) {
      Detection detection = best(search.run(passes, Optional.of(key))).verdict();
      if (detection.matches()) {
        return detection;
      }
    }
    return best(search.run(passes, Optional.empty())).verdict();
  }

  /**
   * The look that decides: a decisive one, or else the most confident one. Of looks that are about
   * equally confident, one that carries a message is preferred.
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

  /** Reads a clip at one offset. */
  Look look(Passes passes, Optional<WatermarkKey> expected, int offset) {
    return look(passes.at(offset), expected, offset);
  }

  private Look look(int[] read, Optional<WatermarkKey> expected, int offset) {
    Reading reading = MessageCode.read(read, numbers.symbols(), numbers.messageLength());
    if (expected.isEmpty()) {
      return new Look(offset, 0, false, false, unexpected(reading));
    }
    WatermarkKey key = expected.get();
    KeyEvidence evidence = KeyEvidence.of(read, key.bytes(), numbers.symbols());
    if (!isExpected(reading, key) && !isProved(evidence, reading.repeats())) {
      return new Look(offset, evidence.share(), false, evidence.tied() > 0, unexpected(reading));
    }
    return new Look(
        offset,
        evidence.share(),
        evidence.differing() == 0 && reading.confidence() >= BEYOND_DOUBT,
        evidence.tied() > 0,
        Detection.match(key.id(), reading.confidence(), "the mark carries the expected key"));
  }

  /**
   * Whether enough frames agree with the key, and every majority that does not is damage: it won
   * narrowly, or there are too few votes to exclude one or two wrong symbols. A clip in which all
   * symbols of a place are equally frequent agrees with any key there, so the majorities must also
   * identify the key.
   */
  private boolean isProved(KeyEvidence evidence, int repeats) {
    boolean damage =
        evidence.votesAgainst() <= FORGIVEN
            || (repeats < settings.minimumRepeats() && evidence.differing() <= FORGIVEN);
    return evidence.share() >= settings.threshold()
        && evidence.isOverwhelming()
        && evidence.bits() >= DISTINCT_BITS
        && damage;
  }

  private boolean isExpected(Reading reading, WatermarkKey expected) {
    return reading.confidence() >= settings.threshold()
        && reading.message().map(message -> expected.matches(message.bytes())).orElse(false);
  }

  /**
   * Ends at the first decisive look. For a clip that was marked here and never cut, that is the
   * first look.
   */
  private List<Look> coarseToFine(Passes passes, Optional<WatermarkKey> expected) {
    Looks looks = new Looks(passes, expected);
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
    private final Passes passes;
    private final Optional<WatermarkKey> expected;
    private final List<Look> taken = new ArrayList<>();

    Looks(Passes passes, Optional<WatermarkKey> expected) {
      this.passes = passes;
      this.expected = expected;
    }

    void at(int offset) {
      int wrapped = Math.floorMod(offset, numbers.hop());
      boolean known = taken.stream().anyMatch(look -> look.decisive() || look.offset() == wrapped);
      if (!known && passes.fit(wrapped)) {
        taken.add(look(passes, expected, wrapped));
      }
    }

    /** Looks for larger values around the best look so far, in ever smaller steps. */
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

  private Detection unexpected(Reading reading) {
    float confidence = reading.confidence();
    if (reading.message().isEmpty()) {
      return Detection.notFound(confidence, "no message is well-formed");
    }
    if (confidence < settings.threshold()) {
      return Detection.notFound(
          confidence,
          "confidence %.2f is below the threshold %.2f"
              .formatted(confidence, settings.threshold()));
    }
    if (reading.repeats() < settings.minimumRepeats()) {
      return Detection.notFound(
          confidence,
          "%d repeats of a message other than the expected key, fewer than %d"
              .formatted(reading.repeats(), settings.minimumRepeats()));
    }
    float weakest = reading.message().get().weakest();
    if (weakest <= ABSOLUTE_MAJORITY) {
      return Detection.notFound(
          confidence,
          "the mark is damaged: confidence of its weakest symbol is %.2f".formatted(weakest));
    }
    return Detection.otherKey(confidence, "the mark carries another key");
  }
}
