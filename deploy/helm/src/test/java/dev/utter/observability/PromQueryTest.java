package dev.utter.observability;

import static org.assertj.core.api.Assertions.assertThat;

import dev.utter.observability.PromQuery.LabelMatcher;
import dev.utter.observability.PromQuery.Selector;
import java.util.List;
import org.junit.jupiter.api.Test;

class PromQueryTest {
  @Test
  void metricsLabelsAndGroupsAreFound() {
    // When
    PromQuery query =
        new PromQuery(
            "sum by (lane, code) (rate(a_total{kind=~\"x|y\", worker=~\"$worker\"}[5m])) / 0.5 > 2"
                + " and on (lane) max(b{lane=\"utter.work\"}) == 0 or c");

    // Then
    assertThat(query.selectors())
        .containsExactly(
            new Selector(
                "a_total",
                List.of(
                    new LabelMatcher("kind", List.of("x", "y")),
                    new LabelMatcher("worker", List.of()))),
            new Selector("b", List.of(new LabelMatcher("lane", List.of("utter.work")))),
            new Selector("c", List.of()));
    assertThat(query.groupedBy()).containsExactly("code", "lane");
  }
}
