package dev.utter.benchmarks.measure;

import dev.utter.speech.AudioCodes;
import java.util.List;

/**
 * One measured generation of one side.
 *
 * @param frameSeconds from the start to each frame; a frame is given to all streams at once
 * @param totalSeconds from the start to the end of all work, sound included if that was asked for
 * @param codes what each stream generated
 */
public record Turn(double[] frameSeconds, double totalSeconds, List<AudioCodes> codes) {

  public double secondsToFirstFrame() {
    return frameSeconds[0];
  }

  /**
   * Frames per second and stream once the prompt is done: the frames after the first, by the time
   * from the first to the end.
   */
  public double framesPerSecond() {
    return (frameSeconds.length - 1) / (totalSeconds - frameSeconds[0]);
  }

  /** Time of each step after the first, which has the prompt in it. */
  public double[] stepSeconds() {
    double[] steps = new double[frameSeconds.length - 1];
    for (int i = 0; i < steps.length; i++) {
      steps[i] = frameSeconds[i + 1] - frameSeconds[i];
    }
    return steps;
  }
}
