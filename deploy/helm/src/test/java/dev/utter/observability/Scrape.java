package dev.utter.observability;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a worker serves at {@code /metrics}: series by name. */
final class Scrape {
  private static final Pattern SERIES = Pattern.compile("([a-zA-Z_:]\\w*)(?:\\{(.*)})? \\S+");
  private static final Pattern LABEL = Pattern.compile("(\\w+)=\"([^\"]*)\"");

  /** Those that Prometheus adds to each series. */
  private static final Set<String> OF_PROMETHEUS = Set.of("job", "instance", "namespace", "pod");

  private final Map<String, Map<String, Set<String>>> series = new HashMap<>();

  Scrape(String text) {
    for (String line : text.lines().toList()) {
      Matcher found = SERIES.matcher(line);
      if (!line.startsWith("#") && found.matches()) {
        Map<String, Set<String>> labels =
            series.computeIfAbsent(found.group(1), name -> new HashMap<>());
        Matcher label = LABEL.matcher(found.group(2) == null ? "" : found.group(2));
        while (label.find()) {
          labels.computeIfAbsent(label.group(1), name -> new TreeSet<>()).add(label.group(2));
        }
      }
    }
  }

  /** What a query asks for and this worker does not have; empty if it has everything. */
  List<String> missing(PromQuery query) {
    List<String> missing = new ArrayList<>();
    Set<String> labels = new TreeSet<>(OF_PROMETHEUS);
    for (PromQuery.Selector selector : query.selectors()) {
      Map<String, Set<String>> known = series.get(selector.metric());
      if (known == null) {
        missing.add(selector.metric());
        continue;
      }
      labels.addAll(known.keySet());
      for (PromQuery.LabelMatcher matcher : selector.labels()) {
        Set<String> values = known.getOrDefault(matcher.label(), Set.of());
        if (values.isEmpty() && !OF_PROMETHEUS.contains(matcher.label())) {
          missing.add(selector.metric() + "{" + matcher.label() + "}");
        }
        matcher.values().stream()
            .filter(value -> !OF_PROMETHEUS.contains(matcher.label()) && !values.contains(value))
            .forEach(
                value ->
                    missing.add(selector.metric() + "{" + matcher.label() + "=" + value + "}"));
      }
    }
    query.groupedBy().stream()
        .filter(label -> !labels.contains(label))
        .forEach(label -> missing.add("label " + label));
    return missing;
  }
}
