package dev.utter.worker.streams.commit;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;

/** How often the threads of a Streams client have committed, from the client's own metrics. */
public final class ThreadCommits {
  private static final String GROUP = "stream-thread-metrics";
  private static final String COMMITS = "commit-total";
  private static final String THREAD = "thread-id";

  private ThreadCommits() {}

  /** The counter of one thread; empty where there is none, as under the test driver. */
  static Optional<Metric> of(Map<MetricName, ? extends Metric> metrics, String thread) {
    for (Map.Entry<MetricName, ? extends Metric> entry : metrics.entrySet()) {
      if (isCommits(entry.getKey()) && thread.equals(entry.getKey().tags().get(THREAD))) {
        return Optional.of(entry.getValue());
      }
    }
    return Optional.empty();
  }

  /** Commits of each thread there is. */
  public static Map<String, Double> all(Map<MetricName, ? extends Metric> metrics) {
    Map<String, Double> commits = new HashMap<>();
    metrics.forEach(
        (name, metric) -> {
          if (isCommits(name)) {
            commits.put(name.tags().get(THREAD), value(metric));
          }
        });
    return commits;
  }

  static double value(Metric metric) {
    return metric.metricValue() instanceof Number number ? number.doubleValue() : 0;
  }

  private static boolean isCommits(MetricName name) {
    return name.group().equals(GROUP) && name.name().equals(COMMITS);
  }
}
