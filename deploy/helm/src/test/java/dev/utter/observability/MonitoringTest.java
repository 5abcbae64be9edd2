package dev.utter.observability;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Alert rules and dashboard, as far as they say something without a worker. */
class MonitoringTest {
  private static final Pattern SECTION = Pattern.compile("(?m)^### (Utter\\w+)$");

  private final List<JsonNode> alerts = Monitoring.alerts();

  @Test
  void everyAlertSaysWhatToDoAndWhen() {
    assertThat(alerts).hasSizeGreaterThan(10);
    for (JsonNode alert : alerts) {
      String name = alert.path("alert").asText();
      assertThat(name).startsWith("Utter");
      assertThat(alert.path("expr").asText()).as(name).isNotBlank();
      assertThat(alert.at("/labels/severity").asText()).as(name).isIn("page", "ticket");
      assertThat(alert.at("/annotations/summary").asText()).as(name).isNotBlank();
      assertThat(alert.at("/annotations/runbook_url").asText())
          .isEqualTo("docs/operations.md#" + name.toLowerCase(Locale.ROOT));
    }
  }

  @Test
  void everyAlertHasASectionAndEverySectionAnAlert() throws IOException {
    // Given
    String page = Files.readString(Monitoring.ROOT.resolve("docs/operations.md"));

    // Then
    assertThat(SECTION.matcher(page).results().map(heading -> heading.group(1)))
        .containsExactlyInAnyOrderElementsOf(
            alerts.stream().map(alert -> alert.path("alert").asText()).toList());
  }

  @Test
  void everyAlertIsSeenToFireInAUnitTest() {
    // Given
    Set<String> fired = new HashSet<>();
    for (JsonNode test : Monitoring.unitTests()) {
      for (JsonNode expected : test.path("alert_rule_test")) {
        if (!expected.path("exp_alerts").isEmpty()) {
          fired.add(expected.path("alertname").asText());
        }
      }
    }

    // Then
    assertThat(fired)
        .containsExactlyInAnyOrderElementsOf(
            alerts.stream().map(alert -> alert.path("alert").asText()).toList());
  }

  /** Debian has it in the package prometheus. */
  @Test
  void theUnitTestsOfTheRulesPass() throws Exception {
    assumeTrue(isInstalled("promtool"), "promtool is not installed");

    // When
    Process promtool =
        new ProcessBuilder("promtool", "test", "rules", "alerts_test.yaml")
            .directory(Monitoring.FOLDER.toFile())
            .redirectErrorStream(true)
            .start();
    String output = new String(promtool.getInputStream().readAllBytes(), UTF_8);

    // Then
    assertThat(promtool.waitFor()).as(output).isZero();
  }

  @Test
  void everyPanelHasAPlaceAndANumberOfItsOwn() {
    Set<JsonNode> numbers = new HashSet<>();
    Set<JsonNode> places = new HashSet<>();
    for (JsonNode panel : Monitoring.dashboard().path("panels")) {
      assertThat(numbers.add(panel.path("id"))).as(panel.path("title").asText()).isTrue();
      assertThat(places.add(panel.path("gridPos"))).as(panel.path("title").asText()).isTrue();
    }
    assertThat(Monitoring.panelQueries()).hasSizeGreaterThan(15);
  }

  private static boolean isInstalled(String program) {
    return Stream.of(System.getenv("PATH").split(File.pathSeparator))
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
  }
}
