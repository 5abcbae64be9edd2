package dev.utter.observability;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The files of deploy/observability. */
final class Monitoring {
  static final Path ROOT = Path.of(System.getProperty("utter.home"));
  static final Path FOLDER = ROOT.resolve("deploy/observability");

  private Monitoring() {}

  static List<JsonNode> alerts() {
    List<JsonNode> alerts = new ArrayList<>();
    read("alerts.yaml").path("groups").forEach(group -> group.path("rules").forEach(alerts::add));
    return alerts;
  }

  /** The unit tests of the alerts. */
  static JsonNode unitTests() {
    return read("alerts_test.yaml").path("tests");
  }

  static JsonNode dashboard() {
    return read("dashboard.json");
  }

  /** All queries of the dashboard's panels. */
  static List<String> panelQueries() {
    List<String> queries = new ArrayList<>();
    dashboard()
        .path("panels")
        .forEach(
            panel ->
                panel.path("targets").forEach(target -> queries.add(target.path("expr").asText())));
    return queries;
  }

  private static JsonNode read(String file) {
    try {
      return new YAMLMapper().readTree(Files.readString(FOLDER.resolve(file)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
