package dev.utter.helm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.marcnuri.helm.Helm;
import com.marcnuri.helm.LintResult;
import com.marcnuri.helm.TemplateCommand;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The chart, rendered by Helm itself as the release {@code utter} in the namespace speech. */
final class Chart {
  static final Path ROOT = Path.of(System.getProperty("utter.home"));
  static final Path FOLDER = ROOT.resolve("deploy/helm/utter");
  static final String NAMESPACE = "speech";

  /** That of the API that documents are held against. */
  private static final String KUBERNETES = "1.34.0";

  private static final Path EXAMPLES = ROOT.resolve("deploy/helm/examples");
  private static final ObjectReader YAML = new YAMLMapper().readerFor(JsonNode.class);

  private Chart() {}

  static LintResult lint() {
    return new Helm(FOLDER).lint().strict().call();
  }

  /** The example values that come with the chart. */
  static List<Path> examples() {
    try (Stream<Path> files = Files.list(EXAMPLES)) {
      return files.sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Path example(String name) {
    return EXAMPLES.resolve(name);
  }

  static List<JsonNode> render() {
    return documents(command());
  }

  static List<JsonNode> render(Path values) {
    return documents(command().withValuesFile(values));
  }

  /**
   * With values as {@code helm --set} takes them.
   *
   * @throws IllegalStateException with Helm's message if it refuses them
   */
  static List<JsonNode> render(Map<String, ?> values) {
    TemplateCommand command = command();
    values.forEach(command::set);
    return documents(command);
  }

  /** The document of a kind and name. */
  static JsonNode find(List<JsonNode> documents, String kind, String name) {
    return documents.stream()
        .filter(document -> document.path("kind").asText().equals(kind))
        .filter(document -> document.at("/metadata/name").asText().startsWith(name))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no " + kind + " " + name));
  }

  static List<JsonNode> ofKind(List<JsonNode> documents, String kind) {
    return documents.stream()
        .filter(document -> document.path("kind").asText().equals(kind))
        .toList();
  }

  static JsonNode yaml(Path file) {
    try {
      return YAML.readTree(Files.readString(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static TemplateCommand command() {
    return new Helm(FOLDER)
        .template()
        .withName("utter")
        .withNamespace(NAMESPACE)
        .withKubeVersion(KUBERNETES);
  }

  private static List<JsonNode> documents(TemplateCommand command) {
    try {
      List<JsonNode> documents = YAML.<JsonNode>readValues(command.call()).readAll();
      return documents.stream()
          .filter(document -> document != null && !document.isEmpty())
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
