package dev.utter.speech.audio.file;

import java.util.List;

/** Finds the recordings in a file. */
public final class AudioFile {
  private AudioFile() {}

  /**
   * The recordings in a file, in order, without the tags around them.
   *
   * @return at least one
   * @throws UnreadableAudioException if the file is empty or its header says what cannot be
   */
  public static List<Part> parts(byte[] file) {
    if (file.length == 0) {
      throw new UnreadableAudioException("the file has 0 bytes");
    }
    Bytes bytes = Tags.strip(new Bytes(file, 0, file.length));
    if (bytes.length() == 0) {
      throw new UnreadableAudioException("the file holds tags, but no audio");
    }
    Container container = Container.of(bytes);
    return switch (container) {
      case WAVE -> RiffReader.parts(bytes);
      case FLAC -> FlacHeader.parts(bytes);
      case OGG -> OggPages.parts(bytes);
      case MPEG -> MpegFrames.parts(bytes);
      default -> List.of(Part.of(container, bytes, Extent.defect(container, bytes)));
    };
  }
}
