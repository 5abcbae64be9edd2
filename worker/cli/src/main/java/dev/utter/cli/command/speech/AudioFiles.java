package dev.utter.cli.command.speech;

import static java.util.Objects.requireNonNull;

import dev.utter.speech.audio.AudioClip;
import dev.utter.speech.audio.AudioLimits;
import dev.utter.speech.audio.DecodeOptions;
import dev.utter.speech.audio.FileFormat;
import dev.utter.speech.audio.Recording;
import dev.utter.speech.audio.decode.AudioDecoder;
import dev.utter.speech.audio.encode.AudioEncoder;
import dev.utter.speech.audio.file.UnreadableAudioException;
import dev.utter.speech.watermark.Detection;
import dev.utter.speech.watermark.MarkedEncoder;
import dev.utter.speech.watermark.MarkedEncoder.MarkedFile;
import dev.utter.speech.watermark.Watermark;
import dev.utter.speech.watermark.WatermarkKey;
import dev.utter.speech.watermark.network.PassPriority;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;

/**
 * Reads clips and writes marked clips. All commands of this program write audio through this class.
 */
final class AudioFiles {
  private final AudioDecoder decoder = new AudioDecoder(AudioLimits.DEFAULT);
  private final AudioEncoder encoder = new AudioEncoder(AudioLimits.DEFAULT);

  /**
   * Reads a clip at its own rate.
   *
   * @throws IOException if the file cannot be read or is no clip
   */
  AudioClip read(Path file) throws IOException {
    return read(file, DecodeOptions.ownRate()).clip();
  }

  /**
   * Reads a recording.
   *
   * @throws IOException if the file cannot be read or is no clip
   */
  Recording read(Path file, DecodeOptions options) throws IOException {
    if (Files.size(file) > AudioLimits.DEFAULT.maxFileBytes()) {
      throw new IOException(
          file + " is larger than " + AudioLimits.DEFAULT.maxFileBytes() + " bytes");
    }
    try {
      return decoder.decode(Files.readAllBytes(file), options);
    } catch (UnreadableAudioException e) {
      throw new IOException(file + " cannot be read: " + e.getMessage(), e);
    }
  }

  /**
   * Marks a clip and writes it. The file appears complete, and only if the mark was found in its
   * bytes.
   *
   * @return result of the detection; the file was written only if it is a match
   */
  Detection writeMarked(
      AudioClip clip, Path file, FileFormat format, Watermark watermark, WatermarkKey key)
      throws IOException {
    MarkedFile marked =
        new MarkedEncoder(watermark, encoder, decoder)
            .encode(clip, key, format, PassPriority.INTERACTIVE);
    if (marked.detection().matches()) {
      write(file, marked.bytes());
    }
    return marked.detection();
  }

  private static void write(Path file, byte[] data) throws IOException {
    Path folder = requireNonNull(file.toAbsolutePath().getParent(), "file is a root");
    Files.createDirectories(folder);
    // Not createTempFile: only the owner could read its file, and so the clip.
    Path part = folder.resolve("." + file.getFileName() + "." + UUID.randomUUID() + ".part");
    try {
      Files.write(part, data);
      Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(part);
    }
  }

  /** The format a file's extension stands for: .wav is 16-bit WAV, .ogg and .opus are Opus. */
  static Optional<FileFormat> formatOf(Path file) {
    String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
    return switch (name.substring(name.lastIndexOf('.') + 1)) {
      case "wav" -> Optional.of(FileFormat.WAV_PCM16);
      case "flac" -> Optional.of(FileFormat.FLAC);
      case "ogg", "opus" -> Optional.of(FileFormat.OGG_OPUS);
      case "mp3" -> Optional.of(FileFormat.MP3);
      default -> Optional.empty();
    };
  }
}
