package dev.utter.speech.ending;

import dev.utter.speech.FinishReason;
import dev.utter.speech.checkpoint.config.MimiConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Collects the frames of one generation and decides when it ends.
 *
 * <p>Frames are added as they are generated; their samples follow, some frames later, when they
 * have been decoded: {@code add, add, addSamples(2 frames), add...}. Which frames are kept does not
 * depend on how many frames are decoded at once. The first reason found stays; later frames and
 * samples are ignored.
 */
public final class FrameEnding {

  private static final double NANOS_PER_SECOND = Duration.ofSeconds(1).toNanos();

  private final int repeatedFrames;
  private final int frameSamples;
  private final long maxFrames;
  private final long runawayFrames;
  private final Optional<SilenceMeter> silence;
  private final List<int[]> frames = new ArrayList<>();
  private int repetitions;
  private Optional<FinishReason> reason = Optional.empty();

  /**
   * @param textTokens tokens of the text to speak
   * @param maxFrames maximum number of frames to generate
   */
  public FrameEnding(EndingSettings settings, MimiConfig codec, int textTokens, int maxFrames) {
    this.repeatedFrames = settings.repeatedFrames();
    this.frameSamples = codec.frameSamples();
    this.maxFrames = maxFrames;
    this.runawayFrames =
        settings
            .runaway()
            .map(guard -> frames(codec, guard.allowance(textTokens)))
            .orElse(Long.MAX_VALUE);
    this.silence =
        settings
            .silence()
            .map(
                guard ->
                    new SilenceMeter(
                        guard.level(),
                        frames(codec, guard.longest()),
                        frames(codec, guard.remainder())));
  }

  private static long frames(MimiConfig codec, Duration duration) {
    double samples = duration.toNanos() * (codec.sampleRate() / NANOS_PER_SECOND);
    return (long) Math.ceil(samples / codec.frameSamples());
  }

  /**
   * Takes the next generated frame.
   *
   * @return why the generation is over, or nothing if it goes on
   */
  public Optional<FinishReason> add(int[] frame) {
    if (reason.isPresent()) {
      return reason;
    }
    if (Arrays.stream(frame).allMatch(code -> code == 0)) {
      return end(FinishReason.END_OF_AUDIO, frames.size());
    }
    boolean same = !frames.isEmpty() && Arrays.equals(frames.get(frames.size() - 1), frame);
    repetitions = same ? repetitions + 1 : 1;
    frames.add(frame);
    if (repetitions == repeatedFrames) {
      return end(FinishReason.REPEATED_FRAME, frames.size() - repetitions + 1);
    }
    if (frames.size() == maxFrames) {
      return end(FinishReason.MAX_DURATION, frames.size());
    }
    return frames.size() >= runawayFrames
        ? end(FinishReason.RUNAWAY, frames.size())
        : Optional.empty();
  }

  /**
   * Takes the samples of the next whole frames that were decoded.
   *
   * @return why the generation is over, or nothing if it goes on
   */
  public Optional<FinishReason> addSamples(float[] samples) {
    for (int from = 0; from < samples.length && reason.isEmpty(); from += frameSamples) {
      int start = from;
      silence
          .filter(meter -> meter.add(samples, start, start + frameSamples))
          .ifPresent(meter -> end(FinishReason.SILENCE, meter.keptFrames()));
    }
    return reason;
  }

  private Optional<FinishReason> end(FinishReason why, int kept) {
    frames.subList(kept, frames.size()).clear();
    reason = Optional.of(why);
    return reason;
  }

  /** Why the generation is over, or nothing if it goes on. */
  public Optional<FinishReason> reason() {
    return reason;
  }

  /** How many frames are kept. */
  public int count() {
    return frames.size();
  }

  /** The codes of all frames that are kept, row-major. */
  public int[] codes() {
    return codes(0);
  }

  /** The codes of the kept frames from frame {@code from} on, row-major. */
  public int[] codes(int from) {
    return frames.stream().skip(from).flatMapToInt(Arrays::stream).toArray();
  }
}
