package dev.utter.helm;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/** What the chart has Prometheus asked. */
public final class ChartQueries {
  private ChartQueries() {}

  /** The queries by which the number of workers is chosen. */
  public static List<String> ofAutoscaling() {
    List<JsonNode> documents = Chart.render(Chart.example("production.yaml"));
    List<String> queries = new ArrayList<>();
    Chart.find(documents, "ScaledObject", "utter")
        .at("/spec/triggers")
        .forEach(trigger -> queries.add(trigger.at("/metadata/query").asText()));
    return queries;
  }
}
