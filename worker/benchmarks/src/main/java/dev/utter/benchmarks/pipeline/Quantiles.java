package dev.utter.benchmarks.pipeline;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.utter.benchmarks.measure.Numbers;
import java.util.Collection;

/**
 * Exact quantiles of times: the smallest value that is not exceeded by at least the given share of
 * the values.
 */
final class Quantiles {
  private static final double NANOS_PER_MILLI = 1e6;

  private final double[] nanos;

  Quantiles(Collection<Long> nanos) {
    this.nanos = nanos.stream().mapToDouble(Long::doubleValue).toArray();
  }

  /** In milliseconds, with one decimal; NaN if there are no values. */
  double millis(double share) {
    return nanos.length == 0 ? Double.NaN : rounded(Numbers.percentile(nanos, share));
  }

  /** p50, p95, p99 and the largest, in milliseconds; null where there are no values. */
  ObjectNode json() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    put(json, "p50", 0.5);
    put(json, "p95", 0.95);
    put(json, "p99", 0.99);
    put(json, "max", 1);
    return json;
  }

  private void put(ObjectNode json, String name, double share) {
    if (nanos.length == 0) {
      json.putNull(name);
    } else {
      json.put(name, millis(share));
    }
  }

  private static double rounded(double nanos) {
    return Math.round(nanos / NANOS_PER_MILLI * 10) / 10.0;
  }

  @Override
  public String toString() {
    return "p50 %.1f ms, p95 %.1f ms, p99 %.1f ms, at most %.1f ms"
        .formatted(millis(0.5), millis(0.95), millis(0.99), millis(1));
  }
}
