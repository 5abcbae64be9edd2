package dev.utter.worker.settings;

import static org.assertj.core.api.Assertions.assertThat;

import dev.utter.worker.settings.source.Setting;
import dev.utter.worker.settings.source.SettingGroup;
import dev.utter.worker.settings.source.SettingsEnvironment;
import dev.utter.worker.settings.source.SettingsFile;
import dev.utter.worker.settings.source.SettingsSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The page of the settings is generated from the settings. */
class ConfigurationPageTest {
  private static final Path ROOT = Path.of(System.getProperty("utter.home"));
  private static final Path PAGE = ROOT.resolve("docs/configuration.md");

  private static final String BEGIN = "<!-- generated: begin -->\n";
  private static final String END = "<!-- generated: end -->\n";
  private static final String HEAD = "| setting | type | default | |\n|---|---|---|---|\n";

  /** Every section is there, so that every setting is read. */
  private static final String ALL_SECTIONS =
      """
      kafka: {bootstrapServers: broker:9092, createTopics: {partitions: 12}}
      registry: {url: https://registry:8081}
      allowClearText: {kafka: true}
      storage: {endpoint: https://store:9000, accessKey: a, secretKey: env:SECRET}
      output: {bucket: clips, clipKeys: [env:SECRET]}
      model: {source: /models/csm-1b}
      watermark: {keys: [{id: key-1, key: env:KEY}]}
      """;

  private static final Map<String, String> SECRETS =
      Map.of("SECRET", "a secret of thirty-two characters", "KEY", "0102030405");

  @Test
  void theConfigurationPageHasEverySetting() throws IOException {
    // Given
    String page = Files.readString(PAGE);

    // When
    String generated =
        page.substring(0, page.indexOf(BEGIN) + BEGIN.length())
            + everyday()
            + advanced()
            + page.substring(page.indexOf(END));

    // Then
    Path target =
        Files.createDirectories(ROOT.resolve("worker/service/target")).resolve("configuration.md");
    Files.writeString(target, generated);
    assertThat(page)
        .as("differs from the settings: cp %s %s", ROOT.relativize(target), ROOT.relativize(PAGE))
        .isEqualTo(generated);
  }

  @Test
  void everySettingOnThePageIsRead() {
    // Given
    SettingsEnvironment environment = new SettingsEnvironment(SECRETS);

    // When
    SettingsReader.read(new SettingsSource(SettingsFile.parse(ALL_SECTIONS), environment));

    // Then
    List<String> variables = SettingsReader.all().stream().map(Setting::variable).toList();
    assertThat(variables).doesNotHaveDuplicates();
    assertThat(environment.asked().stream().filter(name -> name.startsWith("UTTER_")))
        .containsExactlyInAnyOrderElementsOf(variables);
  }

  @Test
  void fewSettingsAreForEveryday() {
    assertThat(SettingsReader.all().stream().filter(Setting::everyday)).hasSizeBetween(20, 30);
  }

  private static String everyday() {
    return "\n## Everyday settings\n\n"
        + HEAD
        + rows(SettingsReader.GROUPS.stream(), Setting::everyday);
  }

  private static String advanced() {
    Map<String, String> tables = new LinkedHashMap<>();
    for (SettingGroup group : SettingsReader.GROUPS) {
      String rows = rows(Stream.of(group), setting -> !setting.everyday());
      if (!rows.isEmpty()) {
        tables.merge(group.title(), rows, String::concat);
      }
    }
    return tables.entrySet().stream()
        .map(table -> "\n### " + table.getKey() + "\n\n" + HEAD + table.getValue())
        .collect(
            Collectors.joining(
                "",
                "\n## Advanced settings\n\nTheir defaults are right for most deployments.\n",
                "\n"));
  }

  private static String rows(Stream<SettingGroup> groups, Predicate<Setting<?>> wanted) {
    return groups
        .flatMap(group -> group.settings().stream())
        .filter(wanted)
        .map(ConfigurationPageTest::row)
        .collect(Collectors.joining());
  }

  private static String row(Setting<?> setting) {
    return "| `%s` | %s | %s | %s |\n"
        .formatted(
            setting.fullName(), setting.typeText(), setting.defaultText(), setting.description());
  }
}
