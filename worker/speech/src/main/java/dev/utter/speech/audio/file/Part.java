package dev.utter.speech.audio.file;

import java.util.Optional;
import java.util.OptionalLong;

/**
 * One recording in a file; nearly all files have one.
 *
 * @param container its container format
 * @param file the whole file; not copied
 * @param head bytes to put before the part's own so that a decoder reads them
 * @param from first byte of the part
 * @param to end of the part
 * @param wave layout of its samples, if they are plain numbers in a WAV file
 * @param declaredFrames number of sample frames that its header declares, if it does
 * @param defect the defect that its structure shows, if any
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
