package dev.utter.benchmarks.quality;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.utter.benchmarks.measure.Numbers;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;

/**
 * The clips of one precision, either as spoken or marked.
 *
 * @param transcriber name of the ear
 * @param watermark name of the networks that marked; "none" for clips as spoken
 */
record QualitySummary(
    ClipSource source, String transcriber, String watermark, List<ClipResult> clips) {

  QualitySummary {
    clips = List.copyOf(clips);
  }

  WordErrors errors() {
    return clips.stream().map(ClipResult::errors).reduce(WordErrors.NONE, WordErrors::plus);
  }

  /** How many clips ended in each way; a model's own end is END_OF_AUDIO. */
  Map<String, Integer> endings() {
    Map<String, Integer> endings = new TreeMap<>();
    clips.stream()
        .flatMap(result -> result.clip().ending().stream())
        .forEach(ending -> endings.merge(ending, 1, Integer::sum));
    return endings;
  }

  private OptionalDouble similarity() {
    return clips.stream().flatMapToDouble(result -> result.similarity().stream()).average();
  }

  ObjectNode toJson() {
    ObjectNode line = JsonNodeFactory.instance.objectNode();
    line.put("benchmark", "quality summary");
    line.put("model", source.model());
    line.put("precision", source.precision());
    line.put("watermark", watermark);
    line.put("transcriber", transcriber);
    line.put("clips", clips.size());
    line.put("seconds", Numbers.shown(clips.stream().mapToDouble(ClipResult::seconds).sum()));
    ClipResult.put(line, errors());
    ObjectNode endings = line.putObject("endings");
    endings().forEach(endings::put);
    similarity().ifPresent(value -> line.put("similarity", Numbers.shown(value)));
    return line;
  }

  String row() {
    WordErrors errors = errors();
    return String.format(
        Locale.ROOT,
        "%s, %s, watermark %s: %d clips, %.1f%% word errors of %d words by %s%s%s",
        source.model(),
        source.precision(),
        watermark,
        clips.size(),
        errors.rate() * 100,
        errors.words(),
        transcriber,
        endings().isEmpty() ? "" : ", endings " + endings(),
        similarity().isPresent()
            ? String.format(Locale.ROOT, ", similarity %.3f", similarity().getAsDouble())
            : "");
  }
}
