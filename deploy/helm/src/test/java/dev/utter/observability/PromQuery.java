package dev.utter.observability;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Which series a query of Prometheus asks for; as much of the language as the project uses. */
final class PromQuery {
  private static final Set<String> KEYWORDS = Set.of("and", "or", "unless", "bool", "offset");
  private static final Pattern GROUPING =
      Pattern.compile("\\b(?:by|without|on|ignoring)\\s*\\(([^)]*)\\)");
  private static final Pattern RANGE = Pattern.compile("\\[[^]]*]");
  private static final Pattern SELECTOR =
      Pattern.compile("([a-zA-Z_:][a-zA-Z0-9_:]*)\\s*(?:\\{([^}]*)}|(\\()?)");
  private static final Pattern MATCHER =
      Pattern.compile("([a-zA-Z_]\\w*)\\s*(=~|!~|!=|=)\\s*\"([^\"]*)\"");

  private final List<Selector> selectors = new ArrayList<>();
  private final Set<String> groupedBy = new TreeSet<>();

  /**
   * One metric that is asked for.
   *
   * @param metric its name
   * @param labels what its labels must be
   */
  record Selector(String metric, List<LabelMatcher> labels) {}

  /**
   * What a label must be.
   *
   * @param label its name
   * @param values values that are named, one or several
   */
  record LabelMatcher(String label, List<String> values) {}

  PromQuery(String query) {
    Matcher grouping = GROUPING.matcher(query);
    while (grouping.find()) {
      Stream.of(grouping.group(1).split(",")).map(String::strip).forEach(groupedBy::add);
    }
    String rest = RANGE.matcher(GROUPING.matcher(query).replaceAll(" ")).replaceAll(" ");
    Matcher selector = SELECTOR.matcher(rest);
    while (selector.find()) {
      boolean function = selector.group(3) != null;
      if (!function && !KEYWORDS.contains(selector.group(1))) {
        selectors.add(new Selector(selector.group(1), matchers(selector.group(2))));
      }
    }
  }

  List<Selector> selectors() {
    return selectors;
  }

  Set<String> groupedBy() {
    return groupedBy;
  }

  /** Values with a variable of the dashboard, and expressions, name no value. */
  private static List<LabelMatcher> matchers(String text) {
    List<LabelMatcher> matchers = new ArrayList<>();
    Matcher matcher = MATCHER.matcher(text == null ? "" : text);
    while (matcher.find()) {
      matchers.add(
          new LabelMatcher(
              matcher.group(1),
              Stream.of(matcher.group(3).split("\\|"))
                  .filter(value -> value.matches("[A-Za-z0-9_.]+"))
                  .toList()));
    }
    return matchers;
  }
}
