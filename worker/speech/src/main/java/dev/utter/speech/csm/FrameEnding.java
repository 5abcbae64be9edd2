package dev.utter.speech.csm;

import dev.utter.speech.FinishReason;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Collects the frames of one generation and knows when it is over. */
final class FrameEnding {

  private final int maxFrames;
  private final int repeatedFrameLimit;
  private final List<int[]> frames = new ArrayList<>();
  private int repetitions;

  FrameEnding(int maxFrames, int repeatedFrameLimit) {
    this.maxFrames = maxFrames;
    this.repeatedFrameLimit = repeatedFrameLimit;
  }

  /**
   * Takes the next frame.
   *
   * @return why the generation is over now, or nothing if it goes on
   */
  Optional<FinishReason> add(int[] frame) {
    if (Arrays.stream(frame).allMatch(code -> code == 0)) {
      return Optional.of(FinishReason.END_OF_AUDIO);
    }
    boolean same = !frames.isEmpty() && Arrays.equals(frames.get(frames.size() - 1), frame);
    repetitions = same ? repetitions + 1 : 1;
    frames.add(frame);
    if (repetitions == repeatedFrameLimit) {
      frames.subList(frames.size() - repetitions + 1, frames.size()).clear();
      return Optional.of(FinishReason.REPEATED_FRAME);
    }
    return frames.size() == maxFrames ? Optional.of(FinishReason.MAX_DURATION) : Optional.empty();
  }

  int count() {
    return frames.size();
  }

  /** All frames to decode, row-major. */
  int[] codes() {
    return frames.stream().flatMapToInt(Arrays::stream).toArray();
  }
}
