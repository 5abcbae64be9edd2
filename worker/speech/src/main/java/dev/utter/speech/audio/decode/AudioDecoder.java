package dev.utter.speech.audio.decode;

import dev.utter.speech.audio.AudioClip;
import dev.utter.speech.audio.AudioLimits;
import dev.utter.speech.audio.AudioNote;
import dev.utter.speech.audio.DecodeOptions;
import dev.utter.speech.audio.Recording;
import dev.utter.speech.audio.ffmpeg.AudioToolException;
import dev.utter.speech.audio.file.AudioFile;
import dev.utter.speech.audio.file.Part;
import dev.utter.speech.audio.file.UnreadableAudioException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Turns audio files into clips: the only way from a file to samples. The format of a file is
 * recognised by its content, never by its name. Plain WAV files are read here, everything else by
 * the ffmpeg program. Several recordings in one file are joined. Safe for several threads.
 */
public final class AudioDecoder {
  private static final int SELF_CHECK_SAMPLES = 1000;

  private final AudioLimits limits;
  private final FfmpegDecoder ffmpeg;

  public AudioDecoder(AudioLimits limits) {
    this.limits = Objects.requireNonNull(limits, "limits is null");
    ffmpeg = new FfmpegDecoder(limits);
  }

  /**
   * Decodes a whole, undamaged file at its own rate.
   *
   * @return the clip; never empty
   * @throws UnreadableAudioException if the file can never be decoded
   * @throws AudioToolException if ffmpeg cannot be run here
   */
  public AudioClip decode(byte[] file) {
    return decode(file, DecodeOptions.ownRate()).clip();
  }

  /**
   * Decodes a file. Channels are averaged, or the loudest one is used where they cancel. Every
   * sample of the result is a finite number. Encoder delay and padding that the file declares are
   * removed. Memory is bounded by the longest clip allowed at the rate asked for, whatever length
   * the file declares.
   *
   * @return the recording; its clip is never empty
   * @throws UnreadableAudioException if the file can never be decoded: not audio, damaged and not
   *     tolerated, or beyond the limits. A run of ffmpeg that a limit ended was tried twice.
   * @throws AudioToolException if ffmpeg cannot be run here
   */
  public Recording decode(byte[] file, DecodeOptions options) {
    Objects.requireNonNull(options, "options is null");
    if (file.length > limits.maxFileBytes()) {
      throw new UnreadableAudioException(
          "the file has %d bytes, must have at most %d"
              .formatted(file.length, limits.maxFileBytes()));
    }
    List<Part> parts = AudioFile.parts(file);
    DecodeAttempt attempt = attempt(parts, options, true, ClipBuilder.ALL_CHANNELS);
    Optional<DecodeAttempt.Damage> damage = attempt.damage();
    boolean strict = damage.isEmpty();
    if (damage.isPresent() && attempt.stopped()) {
      attempt = attempt(parts, options, false, ClipBuilder.ALL_CHANNELS);
    }
    int channel = attempt.builder().channelInstead();
    if (channel != ClipBuilder.ALL_CHANNELS) {
      attempt = attempt(parts, options, strict, channel);
    }
    List<AudioNote> notes = new ArrayList<>(attempt.notes());
    if (channel != ClipBuilder.ALL_CHANNELS) {
      notes.add(
          new AudioNote(
              AudioNote.Kind.CHANNELS_CANCEL,
              Duration.ZERO,
              "the channels cancel each other; channel %d of %d is used"
                  .formatted(channel + 1, attempt.builder().channels())));
    }
    if (damage.isPresent()) {
      String message = damage.get().describe(attempt.builder());
      if (!options.tolerant() || attempt.builder().frames() == 0) {
        throw new UnreadableAudioException(message, attempt.builder().frames() > 0);
      }
      notes.add(new AudioNote(AudioNote.Kind.DAMAGED, damage.get().position(), message));
    }
    return attempt.builder().finish(notes);
  }

  /**
   * Unpacks the ffmpeg program, compares it with the package, sets up its sandbox and decodes a few
   * samples with it. A worker calls this at its start, and is not ready if it fails. Takes about a
   * second; later calls are faster.
   *
   * @throws AudioToolException if ffmpeg cannot decode here
   */
  public void selfCheck() {
    ByteBuffer au = ByteBuffer.allocate(24 + 2 * SELF_CHECK_SAMPLES);
    au.putInt(0x2E736E64).putInt(24).putInt(2 * SELF_CHECK_SAMPLES);
    au.putInt(3).putInt(24_000).putInt(1);
    float[] expected = new float[SELF_CHECK_SAMPLES];
    for (int i = 0; i < expected.length; i++) {
      short sample = (short) (i * 31);
      au.putShort(sample);
      expected[i] = sample / 32768f;
    }
    float[] decoded;
    try {
      decoded = decode(au.array()).samples();
    } catch (UnreadableAudioException e) {
      throw new AudioToolException("ffmpeg cannot decode here: " + e.getMessage(), e);
    }
    if (!Arrays.equals(decoded, expected)) {
      throw new AudioToolException("ffmpeg decodes a test clip to wrong samples");
    }
  }

  private DecodeAttempt attempt(
      List<Part> parts, DecodeOptions options, boolean strict, int onlyChannel) {
    DecodeAttempt attempt = new DecodeAttempt(ffmpeg, options, limits, strict, onlyChannel);
    attempt.add(parts);
    return attempt;
  }
}
