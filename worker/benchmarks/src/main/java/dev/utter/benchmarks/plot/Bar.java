package dev.utter.benchmarks.plot;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Locale;
import java.util.Optional;

/**
 * One result as it is drawn.
 *
 * @param label which setting
 * @param own seconds of audio per second
 * @param peer the peer's; nothing if it was not measured
 * @param ratio this engine by the peer, as the result has it
 */
record Bar(String label, double own, Optional<Double> peer, Optional<Double> ratio) {

  /** Of one line of {@code bench engine --json}. */
  static Bar of(JsonNode line) {
    double own = line.path("audioSecondsPerSecond").asDouble();
    Optional<Double> ratio =
        line.has("ratio") ? Optional.of(line.get("ratio").asDouble()) : Optional.empty();
    JsonNode peer = line.path("peer");
    JsonNode rate = peer.path(peer.path("best").asText()).path("framesPerSecondPerStream");
    double ownRate = line.path("framesPerSecondPerStream").asDouble();
    String label =
        String.format(
            Locale.ROOT,
            "%s, %s, %s%s",
            line.path("model").asText(),
            line.path("precision").asText().toLowerCase(Locale.ROOT),
            line.path("batch").asInt() == 1 ? "1 stream" : line.path("batch").asInt() + " streams",
            line.path("context").asInt() == 0 ? "" : ", context " + line.path("context").asInt());
    return new Bar(
        label,
        own,
        rate.isNumber() ? Optional.of(own / ownRate * rate.asDouble()) : Optional.empty(),
        ratio);
  }
}
