package dev.utter.benchmarks.engine;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.utter.benchmarks.measure.Numbers;
import dev.utter.speech.measure.PrecisionQuality;
import java.util.Locale;

/** What a precision costs in quality, as a line of the report. */
final class QualityLine {
  private static final double PERCENT = 100;

  private QualityLine() {}

  static ObjectNode toJson(String model, int frames, PrecisionQuality quality) {
    ObjectNode line = JsonNodeFactory.instance.objectNode();
    line.put("benchmark", "quality");
    line.put("model", model);
    line.put("precision", quality.precision().name());
    line.put("frames", frames);
    line.put("codes", quality.codes());
    line.put("greedyAgreement", quality.agreement());
    line.put("meanDivergenceNats", Numbers.shown(quality.meanDivergence()));
    return line;
  }

  static String row(PrecisionQuality quality) {
    return String.format(
        Locale.ROOT,
        "%s against FLOAT32: %.2f%% of %d greedy codes equal, mean divergence %.2g nats",
        quality.precision(),
        quality.agreement() * PERCENT,
        quality.codes(),
        quality.meanDivergence());
  }
}
