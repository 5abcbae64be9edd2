package dev.utter.speech.audio.file;

import java.util.List;

/** Finds the recordings in a file. */
public final class AudioFile {
  /** Each part may take a run of the decoder program. */
  private static final int MAX_PARTS = 32;

  private AudioFile() {}

  /**
   * The recordings in a file, in order, without the tags around them.
   *
   * @return at least one, 32 at most
   * @throws UnreadableAudioException if the file is empty, has more recordings than that, or its
   *     header contradicts itself
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
    List<Part> parts = parts(container, bytes);
    if (parts.size() > MAX_PARTS) {
      throw new UnreadableAudioException(
          "the file has %d recordings, must have at most %d".formatted(parts.size(), MAX_PARTS));
    }
    return parts;
  }

  private static List<Part> parts(Container container, Bytes bytes) {
    return switch (container) {
      case WAVE -> RiffReader.parts(bytes);
      case FLAC -> FlacHeader.parts(bytes);
      case OGG -> OggPages.parts(bytes);
      case MPEG -> MpegFrames.parts(bytes);
      default -> List.of(Part.of(container, bytes, Extent.defect(container, bytes)));
    };
  }
}
