package dev.utter.worker.settings;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.utter.worker.settings.source.Section;
import dev.utter.worker.settings.source.SettingsEnvironment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The page of the settings names every setting that a worker reads, once, and no other. */
class ConfigurationPageTest {
  private static final Path PAGE =
      Path.of(System.getProperty("utter.home"), "docs", "configuration.md");

  private static final Pattern ROW = Pattern.compile("(?m)^\\| (`[\\w.`, ]+`) \\|");
  private static final Pattern NAME = Pattern.compile("`([\\w.]+)`");

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
  void everySettingHasItsRowAndEveryRowIsASetting() throws IOException {
    // Given
    SettingsEnvironment environment = new SettingsEnvironment(SECRETS);
    ObjectNode file = (ObjectNode) new YAMLMapper().readTree(ALL_SECTIONS);

    // When
    SettingsReader.read(new Section("", file, environment), environment);

    // Then
    Set<String> read =
        environment.asked().stream()
            .filter(name -> name.startsWith("UTTER_"))
            .collect(Collectors.toCollection(TreeSet::new));
    List<String> documented = documented();
    assertThat(documented).doesNotHaveDuplicates();
    assertThat(documented).containsExactlyInAnyOrderElementsOf(read);
  }

  /** The variables of the settings in the first column; {@code .x} is in the section before it. */
  private static List<String> documented() throws IOException {
    List<String> variables = new ArrayList<>();
    for (MatchResult row : ROW.matcher(Files.readString(PAGE)).results().toList()) {
      String section = "";
      for (MatchResult word : NAME.matcher(row.group(1)).results().toList()) {
        String name = word.group(1);
        if (name.startsWith(".")) {
          name = section + name;
        }
        section = name.substring(0, name.lastIndexOf('.'));
        variables.add(variable(name));
      }
    }
    return variables;
  }

  private static String variable(String name) {
    return "UTTER_"
        + name.replaceAll("([a-z])([A-Z])", "$1_$2").replace('.', '_').toUpperCase(Locale.ROOT);
  }
}
