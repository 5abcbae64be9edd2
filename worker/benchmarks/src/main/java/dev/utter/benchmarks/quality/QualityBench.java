package dev.utter.benchmarks.quality;

import dev.utter.speech.audio.AudioClip;
import dev.utter.speech.watermark.AudioWatermark;
import dev.utter.speech.watermark.WatermarkKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.BiConsumer;

/**
 * Has every clip transcribed, as spoken and marked.
 *
 * <p>Threading: one thread.
 */
final class QualityBench {
  private static final double NANOS = 1e9;
  private static final String UNMARKED = "none";

  private final Transcriber transcriber;
  private final Optional<Similarity> similarity;
  private final Optional<Marker> marker;

  /**
   * What marks.
   *
   * @param name name of its networks
   */
  record Marker(String name, AudioWatermark watermark) {}

  QualityBench(Transcriber transcriber, Optional<Similarity> similarity, Optional<Marker> marker) {
    this.transcriber = transcriber;
    this.similarity = similarity;
    this.marker = marker;
  }

  /**
   * Runs it.
   *
   * @param found receives each result when it is known
   * @return a summary of the clips as spoken, then one of the marked ones if there are any
   */
  List<QualitySummary> run(ClipSource source, BiConsumer<ClipSource, ClipResult> found) {
    List<ClipResult> spoken = new ArrayList<>();
    List<ClipResult> marked = new ArrayList<>();
    source.forEach(
        clip -> {
          ClipResult result = judge(clip, clip.audio(), false);
          found.accept(source, result);
          spoken.add(result);
          marker.ifPresent(
              by -> {
                ClipResult other = judge(clip, clip.audio().map(audio -> mark(by, audio)), true);
                found.accept(source, other);
                marked.add(other);
              });
        });
    List<QualitySummary> summaries = new ArrayList<>();
    summaries.add(new QualitySummary(source, transcriber.name(), UNMARKED, spoken));
    marker.ifPresent(
        by -> summaries.add(new QualitySummary(source, transcriber.name(), by.name(), marked)));
    return summaries;
  }

  private static AudioClip mark(Marker marker, AudioClip clip) {
    return marker.watermark().embed(clip, WatermarkKey.PUBLIC_DEMO);
  }

  private ClipResult judge(SpokenClip clip, Optional<AudioClip> audio, boolean marked) {
    String transcript = audio.map(transcriber::transcribe).orElse("");
    OptionalDouble likeness =
        audio.isPresent() && similarity.isPresent()
            ? OptionalDouble.of(similarity.get().of(audio.get()))
            : OptionalDouble.empty();
    return new ClipResult(
        clip,
        marked,
        audio.map(it -> it.duration().toNanos() / NANOS).orElse(0.0),
        transcript,
        WordErrors.between(clip.text(), transcript),
        likeness);
  }
}
