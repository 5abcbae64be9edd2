package dev.utter.speech.audio.decode;

import static java.util.Objects.requireNonNull;

import dev.utter.speech.audio.AudioLimits;
import dev.utter.speech.audio.AudioNote;
import dev.utter.speech.audio.Clips;
import dev.utter.speech.audio.DecodeOptions;
import dev.utter.speech.audio.file.Container;
import dev.utter.speech.audio.file.Defect;
import dev.utter.speech.audio.file.Part;
import dev.utter.speech.audio.file.UnreadableAudioException;
import dev.utter.speech.audio.file.WaveFormat;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/** One pass over the recordings of a file, into one builder. Not safe for several threads. */
final class DecodeAttempt {
  private final FfmpegDecoder ffmpeg;
  private final DecodeOptions options;
  private final AudioLimits limits;
  private final boolean strict;
  private final int onlyChannel;
  private final List<AudioNote> notes = new ArrayList<>();
  private @Nullable ClipBuilder builder;
  private Optional<Damage> damage = Optional.empty();
  private boolean stopped;

  /**
   * @param strict whether to stop at the first damage
   * @param onlyChannel the channel to use, or {@link ClipBuilder#ALL_CHANNELS}
   */
  DecodeAttempt(
      FfmpegDecoder ffmpeg,
      DecodeOptions options,
      AudioLimits limits,
      boolean strict,
      int onlyChannel) {
    this.ffmpeg = ffmpeg;
    this.options = options;
    this.limits = limits;
    this.strict = strict;
    this.onlyChannel = onlyChannel;
  }

  /**
   * The first damage of a file.
   *
   * @param title of the format
   * @param what the damage, as the rest of a sentence
   * @param reason the decoder's message, if there is one
   * @param position where it begins
   * @param share part of the audio that is there, as far as the file says
   * @param declaredFrames sample frames the file should have, or 0
   */
  record Damage(
      String title,
      String what,
      Optional<String> reason,
      Duration position,
      OptionalDouble share,
      long declaredFrames) {

    /** A sentence with the position and the share that was decoded. */
    String describe(ClipBuilder decoded) {
      if (decoded.frames() == 0 && title.equals(Container.OTHER.title())) {
        return "the file is none of the audio formats that are read";
      }
      if (decoded.frames() == 0) {
        return title + " cannot be decoded: " + reason.orElse("it " + what);
      }
      OptionalDouble part = share;
      if (declaredFrames > 0) {
        part = OptionalDouble.of(Math.min(1, decoded.frames() / (double) declaredFrames));
      }
      return "%s %s at %s s: %s s can be decoded, %s"
          .formatted(
              title,
              what,
              ClipBuilder.seconds(position),
              ClipBuilder.seconds(decoded.duration()),
              part.isPresent()
                  ? String.format(
                      Locale.ROOT, "%d %% of the recording", (int) (part.getAsDouble() * 100))
                  : "how much is missing is not known");
    }
  }

  /** Decodes all parts; if this attempt is strict, up to the first damage. */
  void add(List<Part> parts) {
    for (Part part : parts) {
      Duration start = builder == null ? Duration.ZERO : builder.duration();
      if (builder != null) {
        notes.add(
            new AudioNote(
                AudioNote.Kind.SEVERAL_FILES,
                start,
                "another recording begins at " + ClipBuilder.seconds(start) + " s in the file"));
      }
      if (part.wave().isPresent()) {
        addPlain(part, part.wave().get(), start);
      } else {
        decode(part, start);
      }
      if (stopped) {
        break;
      }
    }
    if (builder == null) {
      builder = open(parts.get(0).container().title(), options.rate(), 1);
    }
  }

  private void addPlain(Part part, WaveFormat format, Duration start) {
    String title = part.container().title();
    ClipBuilder target = open(title, format.rate(), format.channels());
    long frames = part.length() / format.frameBytes();
    Clips.checkDuration(target.frames() + frames, format.rate(), limits.maxDuration());
    WaveReader.read(part, format, target);
    part.defect().ifPresent(defect -> note(part, defect, start));
  }

  private void decode(Part part, Duration start) {
    FfmpegDecoder.Pass pass = ffmpeg.decode(part, this::open, strict);
    long declared = part.declaredFrames().orElse(0);
    if (pass.complaint().isPresent()) {
      stopped = strict;
      Defect defect =
          part.defect()
              .orElse(new Defect("is damaged", OptionalDouble.empty(), OptionalDouble.empty()));
      note(part, defect, pass.complaint(), start);
    } else if (part.defect().isPresent()) {
      note(part, part.defect().get(), start);
    } else if (pass.frames() < declared) {
      note(part, new Defect("is cut off", OptionalDouble.empty(), OptionalDouble.empty()), start);
    }
  }

  private void note(Part part, Defect defect, Duration start) {
    note(part, defect, Optional.empty(), start);
  }

  private void note(Part part, Defect defect, Optional<String> reason, Duration start) {
    if (damage.isPresent()) {
      return;
    }
    Duration end = builder == null ? Duration.ZERO : builder.duration();
    Duration position =
        defect.seconds().isPresent()
            ? start.plusNanos(Math.round(Math.max(0, defect.seconds().getAsDouble()) * 1e9))
            : end;
    damage =
        Optional.of(
            new Damage(
                part.container().title(),
                defect.what(),
                reason,
                position.compareTo(end) > 0 ? end : position,
                defect.share(),
                part.declaredFrames().orElse(0)));
  }

  private ClipBuilder open(String title, int rate, int channels) {
    Clips.checkRate(title, Integer.toUnsignedLong(rate));
    Clips.checkChannels(title, channels);
    if (builder == null) {
      builder = new ClipBuilder(rate, channels, onlyChannel, options, limits.maxDuration());
    } else if (builder.rate() != rate || builder.channels() != channels) {
      throw new UnreadableAudioException(
          "the file holds several recordings: one at %d Hz with %d channels, another at %d Hz"
                  .formatted(builder.rate(), builder.channels(), rate)
              + " with "
              + channels);
    }
    return builder;
  }

  ClipBuilder builder() {
    return requireNonNull(builder, "nothing was decoded yet");
  }

  List<AudioNote> notes() {
    return notes;
  }

  Optional<Damage> damage() {
    return damage;
  }

  /** Whether decoding stopped at the damage, so that later audio is not in the builder. */
  boolean stopped() {
    return stopped;
  }
}
