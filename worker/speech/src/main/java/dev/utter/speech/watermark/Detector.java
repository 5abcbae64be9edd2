package dev.utter.speech.watermark;

import dev.utter.speech.audio.AudioClip;
import dev.utter.speech.audio.Resampler;
import dev.utter.speech.watermark.Detection.Outcome;
import dev.utter.speech.watermark.MessageCode.Reading;
import java.util.Arrays;

/**
 * Decides what a clip carries. The networks read a message only where their frames lie as they lay
 * when it was written, so a clip that was cut is read at several offsets of less than one hop.
 */
final class Detector {
  /** Offsets closer than this many samples are not told apart; the reference's step. */
  private static final int FINE = 10;

  /**
   * The coarse search takes this many steps per hop. Confidence falls off over about a sixth of a
   * hop to either side of the true offset, so one of the steps lands on the slope.
   */
  private static final int COARSE_STEPS = 8;

  /**
   * Wrong symbols a short clip may have (no two keys drawn at random are so much alike), and votes
   * by which wrong symbols may win in a long one.
   */
  private static final int FORGIVEN = 2;

  private final WatermarkNetworks networks;
  private final HyperParameters numbers;
  private final WatermarkSettings settings;

  Detector(WatermarkNetworks networks, HyperParameters numbers, WatermarkSettings settings) {
    this.networks = networks;
    this.numbers = numbers;
    this.settings = settings;
  }

  Detection detect(AudioClip clip, WatermarkKey expected) {
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
    float[] samples = Loudness.scale(wide, gain);
    Search search = new Search(samples, expected);
    search.run();
    return search.verdict();
  }

  /** The reading at one offset. */
  Reading read(float[] samples, int offset) {
    return read(symbols(samples, offset));
  }

  private int[] symbols(float[] samples, int offset) {
    return networks.symbols(Arrays.copyOfRange(samples, offset, samples.length));
  }

  private Reading read(int[] symbols) {
    return MessageCode.read(symbols, numbers.symbols(), numbers.messageLength());
  }

  /** One clip's search; ends as soon as the expected key is found. */
  private final class Search {
    private final float[] samples;
    private final WatermarkKey expected;
    private Reading best;
    private boolean found;
    private int bestOffset;

    Search(float[] samples, WatermarkKey expected) {
      this.samples = samples;
      this.expected = expected;
    }

    void run() {
      int coarse = Math.max(1, numbers.hop() / COARSE_STEPS / FINE) * FINE;
      for (int offset = 0; offset < numbers.hop(); offset += coarse) {
        if (tryAt(offset)) {
          return;
        }
      }
      for (int step = coarse / 2; step >= FINE; step /= 2) {
        int middle = bestOffset;
        if (tryAt(middle + step) || tryAt(middle - step)) {
          return;
        }
      }
    }

    private boolean tryAt(int offset) {
      int wrapped = Math.floorMod(offset, numbers.hop());
      if (numbers.frames(samples.length - wrapped) < numbers.messageLength()) {
        return false;
      }
      int[] symbols = symbols(samples, wrapped);
      Reading reading = read(symbols);
      found = isExpected(reading) || isProved(symbols, reading.repeats());
      if (best == null || found || reading.confidence() > best.confidence()) {
        best = reading;
        bestOffset = wrapped;
      }
      return found;
    }

    /**
     * Frames enough agree with the key, and where the majority does not, that is damage: it won
     * narrowly, or there are so few votes that a symbol or two may be wrong.
     */
    private boolean isProved(int[] symbols, int repeats) {
      KeyEvidence evidence = KeyEvidence.of(symbols, expected.bytes(), numbers.symbols());
      boolean damage =
          evidence.votesAgainst() <= FORGIVEN
              || (repeats < settings.minimumRepeats() && evidence.differing() <= FORGIVEN);
      return evidence.share() >= settings.threshold() && evidence.isOverwhelming() && damage;
    }

    private boolean isExpected(Reading reading) {
      return reading.confidence() >= settings.threshold()
          && reading.message().map(message -> expected.matches(message.bytes())).orElse(false);
    }

    Detection verdict() {
      float confidence = best.confidence();
      if (found) {
        return new Detection(Outcome.MATCH, confidence, "the mark carries the expected key");
      }
      if (best.message().isEmpty()) {
        return new Detection(Outcome.NOT_FOUND, confidence, "no message is well-formed");
      }
      if (confidence < settings.threshold()) {
        return new Detection(
            Outcome.NOT_FOUND,
            confidence,
            "confidence %.2f is below the threshold %.2f"
                .formatted(confidence, settings.threshold()));
      }
      if (best.repeats() < settings.minimumRepeats()) {
        return new Detection(
            Outcome.NOT_FOUND,
            confidence,
            "%d repeats of a message other than the expected key, fewer than %d"
                .formatted(best.repeats(), settings.minimumRepeats()));
      }
      float against = best.message().get().confidenceAgainst(expected.bytes());
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
}
