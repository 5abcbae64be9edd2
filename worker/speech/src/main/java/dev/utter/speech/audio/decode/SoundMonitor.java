package dev.utter.speech.audio.decode;

import dev.utter.speech.audio.AudioNote;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Looks for silence and clipping in samples as they pass. */
final class SoundMonitor {
  /** Root mean square of a window, below which it counts as silence: -60 dB of full scale. */
  private static final double SILENT = 1e-3;

  private static final double SHORTEST_SILENCE_SECONDS = 2;
  private static final int WINDOWS_PER_SECOND = 50;

  /** The highest value of 16 bits is a little above. */
  private static final double FULL_SCALE = 0.9995;

  /** This number of samples in a row at full scale is clipping, not a peak. */
  private static final int RUN = 4;

  /** This number of runs is no coincidence. */
  private static final int RUNS = 3;

  private final int rate;
  private final int[] runs;
  private final int windowFrames;
  private long frames;
  private long clippedRuns;
  private long clippedAt = -1;
  private double windowEnergy;
  private int windowFilled;
  private long silentSince = -1;
  private long longestAt;
  private long longest;
  private boolean anySound;

  SoundMonitor(int rate, int channels) {
    this.rate = rate;
    runs = new int[channels];
    windowFrames = Math.max(1, rate / WINDOWS_PER_SECOND);
  }

  void add(double[] frame, float mixed) {
    for (int channel = 0; channel < runs.length; channel++) {
      double size = Math.abs(frame[channel]);
      runs[channel] = size >= FULL_SCALE && size <= 1 ? runs[channel] + 1 : 0;
      if (runs[channel] == RUN) {
        clippedRuns++;
        clippedAt = clippedAt < 0 ? frames - RUN + 1 : clippedAt;
      }
    }
    windowEnergy += (double) mixed * mixed;
    frames++;
    if (++windowFilled == windowFrames) {
      endWindow();
    }
  }

  private void endWindow() {
    long start = frames - windowFilled;
    boolean silent = windowEnergy < SILENT * SILENT * windowFilled;
    if (silent) {
      silentSince = silentSince < 0 ? start : silentSince;
      if (frames - silentSince > longest) {
        longest = frames - silentSince;
        longestAt = silentSince;
      }
    } else {
      silentSince = -1;
      anySound = true;
    }
    windowEnergy = 0;
    windowFilled = 0;
  }

  /**
   * Returns the notes. The monitor cannot be used afterwards.
   *
   * @param scaled whether the samples were not meant for -1..1, so that full scale has no meaning
   */
  List<AudioNote> notes(boolean scaled) {
    if (windowFilled > 0) {
      endWindow();
    }
    List<AudioNote> notes = new ArrayList<>();
    if (!anySound) {
      notes.add(
          new AudioNote(AudioNote.Kind.SILENCE, Duration.ZERO, "the whole recording is silent"));
    } else if (longest >= SHORTEST_SILENCE_SECONDS * rate) {
      notes.add(
          new AudioNote(
              AudioNote.Kind.SILENCE,
              timeOf(longestAt),
              String.format(
                  Locale.ROOT, "%.1f s of the recording are silent", (double) longest / rate)));
    }
    if (clippedRuns >= RUNS && !scaled) {
      notes.add(
          new AudioNote(
              AudioNote.Kind.CLIPPED,
              timeOf(clippedAt),
              "the recording is clipped in " + clippedRuns + " places"));
    }
    return notes;
  }

  private Duration timeOf(long frame) {
    return Duration.ofNanos(Math.round(frame * 1e9 / rate));
  }
}
