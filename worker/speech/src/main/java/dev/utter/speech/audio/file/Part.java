package dev.utter.speech.audio.file;

import java.util.Optional;
import java.util.OptionalLong;

/**
 * One recording in a file; nearly all files have one.
 *
 * @param container what it is
 * @param file the whole file; not copied
 * @param head bytes to put before the part's own so that a decoder reads them
 * @param from first byte of the part
 * @param to end of the part
 * @param wave how its samples lie, if they are plain numbers in a WAV file
 * @param declaredFrames sample frames it should have by its header, if it says so
 * @param defect what it lacks by its structure, if anything
 */
public record Part(
    Container container,
    byte[] file,
    byte[] head,
    int from,
    int to,
    Optional<WaveFormat> wave,
    OptionalLong declaredFrames,
    Optional<Defect> defect) {

  static Part of(Container container, Bytes bytes, Optional<Defect> defect) {
    return of(container, bytes, OptionalLong.empty(), defect);
  }

  static Part of(
      Container container, Bytes bytes, OptionalLong declaredFrames, Optional<Defect> defect) {
    return new Part(
        container,
        bytes.array(),
        new byte[0],
        bytes.from(),
        bytes.to(),
        Optional.empty(),
        declaredFrames,
        defect);
  }

  /** Number of the part's own bytes. */
  public int length() {
    return to - from;
  }
}
