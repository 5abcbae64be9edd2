package dev.utter.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The project's pages: links lead somewhere, and retired words do not come back. */
class DocumentsTest {
  private static final Path ROOT = Path.of(System.getProperty("utter.home"));
  private static final Pattern LINK = Pattern.compile("\\[[^]]*]\\(([^)\\s]+)\\)");
  private static final Pattern HEADING = Pattern.compile("(?m)^#{1,6} (.+)$");
  private static final Pattern RETIRED = Pattern.compile("(?m)^- `(\\w+)`");

  @Test
  void everyLinkBetweenPagesLeadsToAPageAndASection() {
    List<String> broken = new ArrayList<>();
    for (Path page : pages()) {
      Matcher link = LINK.matcher(text(page));
      while (link.find()) {
        String target = link.group(1);
        if (!target.matches("[a-z]+:.*") && !exists(page, target)) {
          broken.add(ROOT.relativize(page) + " -> " + target);
        }
      }
    }
    assertThat(broken).isEmpty();
  }

  @Test
  void theReadmeFitsOnAFewScreens() {
    assertThat(text(ROOT.resolve("README.md")).lines().count()).isLessThanOrEqualTo(120);
    assertThat(text(ROOT.resolve("ARCHITECTURE.md")).lines().count()).isLessThanOrEqualTo(150);
  }

  @Test
  void continuousIntegrationRunsTheCommandForAllTests() {
    assertThat(text(ROOT.resolve("README.md"))).contains("./utter verify      # all tests");
    assertThat(text(ROOT.resolve(".ci/run")).lines()).contains("./utter verify");
  }

  @Test
  void retiredIdentifiersDoNotComeBack() {
    // Given
    String glossary = text(ROOT.resolve("docs/glossary.md"));
    String list = glossary.substring(glossary.indexOf("## Retired identifiers"));
    Set<String> retired =
        RETIRED.matcher(list).results().map(word -> word.group(1)).collect(Collectors.toSet());
    assertThat(retired).isNotEmpty();
    Pattern any = Pattern.compile("\\b(" + String.join("|", retired) + ")\\b");

    // When
    List<String> found = new ArrayList<>();
    for (Path source : sources()) {
      Matcher word = any.matcher(text(source));
      while (word.find()) {
        found.add(ROOT.relativize(source) + ": " + word.group());
      }
    }

    // Then
    assertThat(found).isEmpty();
  }

  private static boolean exists(Path page, String target) {
    int hash = target.indexOf('#');
    String file = hash < 0 ? target : target.substring(0, hash);
    Path path = file.isEmpty() ? page : page.resolveSibling(file).normalize();
    return Files.exists(path) && (hash < 0 || sections(path).contains(target.substring(hash + 1)));
  }

  private static Set<String> sections(Path page) {
    return HEADING
        .matcher(text(page))
        .results()
        .map(heading -> anchor(heading.group(1)))
        .collect(Collectors.toSet());
  }

  private static String anchor(String heading) {
    return heading
        .toLowerCase(Locale.ROOT)
        .replaceAll("[^\\p{Alnum} _-]", "")
        .strip()
        .replace(' ', '-');
  }

  private static List<Path> pages() {
    return files(
        Stream.of("docs", "worker", "deploy", "schemas", "producer-sample").map(ROOT::resolve),
        ".md",
        Stream.of(
            "README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md"));
  }

  /** The numerics and the engine, which have the field's vocabulary. */
  private static List<Path> sources() {
    Path main = ROOT.resolve("worker/speech/src/main");
    List<Path> sources = new ArrayList<>();
    for (String kind : List.of(".py", ".h", ".cc")) {
      sources.addAll(
          files(Stream.of(main.resolve("torchscript"), main.resolve("cpp")), kind, Stream.of()));
    }
    Path java = main.resolve("java/dev/utter/speech");
    sources.addAll(
        files(
            Stream.of("csm", "engine", "ending", "measure", "mimi", "parity", "torch")
                .map(java::resolve),
            ".java",
            Stream.of()));
    return sources;
  }

  private static List<Path> files(Stream<Path> folders, String ending, Stream<String> further) {
    List<Path> found = new ArrayList<>(further.map(ROOT::resolve).toList());
    folders.forEach(
        folder -> {
          try (Stream<Path> below = Files.walk(folder)) {
            below
                .filter(file -> file.toString().endsWith(ending))
                .filter(file -> !file.toString().contains("/target/"))
                .filter(file -> !file.toString().contains("/node_modules/"))
                .forEach(found::add);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
    return found;
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
