package dev.utter.benchmarks.quality;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.utter.benchmarks.measure.Numbers;
import java.util.OptionalDouble;

/**
 * What an ear and a voice comparison found in a clip.
 *
 * @param clip the clip
 * @param marked whether it was marked before
 * @param seconds its length
 * @param transcript what the ear understood
 * @param errors how that differs from the text
 * @param similarity similarity of the voice; nothing if it was not compared
 */
record ClipResult(
    SpokenClip clip,
    boolean marked,
    double seconds,
    String transcript,
    WordErrors errors,
    OptionalDouble similarity) {

  ObjectNode toJson(ClipSource source) {
    ObjectNode line = JsonNodeFactory.instance.objectNode();
    line.put("benchmark", "quality");
    line.put("model", source.model());
    line.put("precision", source.precision());
    line.put("clip", clip.name());
    line.put("marked", marked);
    line.put("seconds", Numbers.shown(seconds));
    clip.ending().ifPresent(ending -> line.put("ending", ending));
    put(line, errors);
    similarity.ifPresent(value -> line.put("similarity", Numbers.shown(value)));
    line.put("text", clip.text().strip());
    line.put("transcript", transcript);
    return line;
  }

  static void put(ObjectNode line, WordErrors errors) {
    line.put("words", errors.words());
    line.put("substitutions", errors.substitutions());
    line.put("deletions", errors.deletions());
    line.put("insertions", errors.insertions());
    line.put("wordErrorRate", Numbers.shown(errors.rate()));
  }
}
