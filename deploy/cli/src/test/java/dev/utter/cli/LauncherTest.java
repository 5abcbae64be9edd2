package dev.utter.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Runs the launcher script in a separate project folder, with a substitute Java and Maven. */
class LauncherTest {
  private static final Path LAUNCHER = Path.of(System.getProperty("utter.home"), "utter");

  @TempDir Path project;

  @BeforeEach
  void layOutAProject() throws IOException {
    assumeThat(Path.of("/bin/bash")).as("bash").exists();
    ShellScript.copy(LAUNCHER, project.resolve("utter"));
    for (String folder : List.of("schemas", "worker", "producer-sample", ".mvn", "bin")) {
      Files.createDirectories(project.resolve(folder));
    }
    Files.createDirectories(project.resolve("deploy/cli/src/main/java"));
    Files.writeString(project.resolve("deploy/cli/src/main/java/Main.java"), "");
    Files.writeString(project.resolve("pom.xml"), "");
    ShellScript.write(
        project.resolve("bin/mvn"),
        """
        if [ "$1" = -version ]; then echo "Apache Maven 3.9.9 (x)"; exit; fi
        echo "[INFO] Building Utter: command line 1.0-SNAPSHOT     [1/1]"
        echo "build $*" >>"$UTTER_TEST_CALLS"
        case "$UTTER_MAVEN_OPTS" in *fail*) echo "[ERROR] it broke"; exit 1;; esac
        mkdir -p deploy/cli/target; printf %s "$0" >deploy/cli/target/classpath
        """);
    java("17");
  }

  @Test
  void buildsOnceAndThenStartsWithoutBuilding() throws Exception {
    // When
    ShellScript.Run first = launch("demo", "--requests", "two words");
    ShellScript.Run second = launch("speak");

    // Then
    assertThat(first.exitCode()).isZero();
    assertThat(first.err()).contains("[1/1] Utter: command line");
    assertThat(second.err()).doesNotContain("Building");
    assertThat(calls())
        .satisfiesExactly(
            call -> assertThat(call).startsWith("build ").contains("package"),
            call -> assertThat(call).startsWith("java ").endsWith("[demo][--requests][two words]"),
            call -> assertThat(call).startsWith("java ").endsWith("[speak]"));
  }

  @Test
  void buildsAgainWhenASourceIsNewer() throws Exception {
    // Given
    launch("demo");

    // When
    Path source = project.resolve("worker/New.java");
    Files.writeString(source, "");
    Files.setLastModifiedTime(source, FileTime.from(Instant.now().plusSeconds(60)));
    launch("demo");

    // Then
    assertThat(calls()).filteredOn(call -> call.startsWith("build")).hasSize(2);
  }

  @Test
  void doesNotBuildAgainForFiguresThatWereMeasured() throws Exception {
    // Given
    launch("demo");

    // When
    Path figures = project.resolve("worker/docs/engine.jsonl");
    Files.createDirectories(figures.getParent());
    Files.writeString(figures, "");
    Files.setLastModifiedTime(figures, FileTime.from(Instant.now().plusSeconds(60)));
    launch("demo");

    // Then
    assertThat(calls()).filteredOn(call -> call.startsWith("build")).hasSize(1);
  }

  @Test
  void aBuildThatFailsIsToldAndNothingIsStarted() throws Exception {
    // When
    ShellScript.Run run = launch(Map.of("UTTER_MAVEN_OPTS", "fail"), "demo");

    // Then
    assertThat(run.exitCode()).isEqualTo(70);
    assertThat(run.err()).contains("[ERROR] it broke", "build.log");
    assertThat(calls()).noneMatch(call -> call.startsWith("java"));
  }

  @Test
  void testRunsTheWholeVerification() throws Exception {
    // When
    launch("test", "-Dx=y");

    // Then
    assertThat(calls()).singleElement().asString().endsWith("verify -Dx=y");
  }

  @Test
  void anOldJavaIsRefusedSayingWhatIsNeeded() throws Exception {
    // Given
    java("11");

    // When
    ShellScript.Run run = launch("demo");

    // Then
    assertThat(run.exitCode()).isEqualTo(69);
    assertThat(run.err()).contains("Java 11 found", "17 or later");
  }

  @Test
  void aMissingJavaIsToldWithWhereItWasLookedFor() throws Exception {
    // When
    ShellScript.Run run = launch(Map.of("JAVA_HOME", "/no/such/jdk"), "demo");

    // Then
    assertThat(run.exitCode()).isEqualTo(69);
    assertThat(run.err()).contains("no Java found at JAVA_HOME=/no/such/jdk", "17 or later");
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void aLocaleWithoutAnEncodingBecomesUtf8() throws Exception {
    // When
    launch(Map.of("LC_ALL", "C"), "demo");

    // Then
    assertThat(project.resolve("calls.locale")).hasContent("C.UTF-8");
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void aLocaleWithAnEncodingStays() throws Exception {
    // When
    launch(Map.of("LC_ALL", "", "LC_CTYPE", "C.UTF-8"), "demo");

    // Then
    assertThat(project.resolve("calls.locale")).hasContent("");
  }

  @Test
  void theExitCodeOfTheCommandPassesThrough() throws Exception {
    // When
    ShellScript.Run run = launch(Map.of("UTTER_TEST_EXIT", "3"), "demo");

    // Then
    assertThat(run.exitCode()).isEqualTo(3);
  }

  private ShellScript.Run launch(String... arguments) throws Exception {
    return launch(Map.of(), arguments);
  }

  private ShellScript.Run launch(Map<String, String> environment, String... arguments)
      throws Exception {
    Map<String, String> all = new HashMap<>();
    all.put("UTTER_MAVEN_OPTS", "");
    all.put("UTTER_JAVA_OPTS", "");
    all.put("JAVA_HOME", project.resolve("jdk").toString());
    all.put("UTTER_TEST_CALLS", project.resolve("calls").toString());
    all.putAll(environment);
    return ShellScript.run(project, all, "./utter", List.of(arguments));
  }

  private List<String> calls() throws IOException {
    return Files.readAllLines(project.resolve("calls"), StandardCharsets.UTF_8);
  }

  private void java(String version) throws IOException {
    Path home = Files.createDirectories(project.resolve("jdk/bin")).getParent();
    ShellScript.write(
        home.resolve("bin/java"),
        """
        if [ "$1" = -XshowSettings:properties ]; then
          echo "    java.specification.version = %s"
          echo "    java.home = %s"
          exit
        fi
        printf %%s "${LC_ALL:-}" >"$UTTER_TEST_CALLS.locale"
        printf 'java ' >>"$UTTER_TEST_CALLS"
        while [ "$1" != dev.utter.cli.Main ]; do shift; done; shift
        printf '[%%s]' "$@" >>"$UTTER_TEST_CALLS"; echo >>"$UTTER_TEST_CALLS"
        exit "${UTTER_TEST_EXIT:-0}"
        """
            .formatted(version, home));
    ShellScript.write(home.resolve("bin/javac"), "");
  }
}
