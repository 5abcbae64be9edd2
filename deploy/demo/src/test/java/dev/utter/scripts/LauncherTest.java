package dev.utter.scripts;

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
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

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
    Files.createDirectories(project.resolve("deploy/demo/src/main/java"));
    Files.writeString(project.resolve("deploy/demo/src/main/java/Main.java"), "");
    Files.writeString(project.resolve("pom.xml"), "");
    ShellScript.write(
        project.resolve("bin/mvn"),
        """
        if [ "$1" = -version ]; then echo "Apache Maven 3.9.9 (x)"; exit; fi
        echo "[INFO] Building Utter: demo 1.0-SNAPSHOT     [1/1]"
        echo "build $*" >>"$UTTER_TEST_CALLS"
        case "$UTTER_MAVEN_OPTS" in *fail*) echo "[ERROR] it broke"; exit 1;; esac
        while [ "$1" != -pl ]; do [ $# != 0 ] || exit 0; shift; done
        for module in ${2//,/ }; do
          mkdir -p $module/target; printf %s "$0" >$module/target/classpath
        done
        """);
    java("17");
  }

  @Test
  void buildsOnceAndThenStartsWithoutBuilding() throws Exception {
    // When
    ShellScript.Run first = launch("demo", "--requests", "two words");
    ShellScript.Run second = launch("demo");

    // Then
    assertThat(first.exitCode()).isZero();
    assertThat(first.err()).contains("[1/1] Utter: demo");
    assertThat(second.err()).doesNotContain("Building");
    assertThat(calls())
        .satisfiesExactly(
            call -> assertThat(call).startsWith("build ").contains("package -pl deploy/demo -am"),
            call ->
                assertThat(call).isEqualTo("java dev.utter.demo.Main[demo][--requests][two words]"),
            call -> assertThat(call).isEqualTo("java dev.utter.demo.Main[demo]"));
  }

  @ParameterizedTest
  @CsvSource({
    "worker, worker/cli, dev.utter.cli.Main",
    "produce, producer-sample, dev.utter.producer.Main",
    "bench, worker/benchmarks, dev.utter.benchmarks.Main",
    "chaos, deploy/chaos, dev.utter.chaos.Main",
    "--version, worker/cli, dev.utter.cli.Main",
  })
  void aCommandBuildsAndStartsTheProgramItBelongsTo(String command, String module, String main)
      throws Exception {
    // When
    launch(command);

    // Then
    assertThat(calls())
        .satisfiesExactly(
            call -> assertThat(call).contains(" -pl " + module + " -am "),
            call -> assertThat(call).isEqualTo("java " + main + "[" + command + "]"));
  }

  @Test
  void buildMakesEveryProgram() throws Exception {
    // When
    launch("build");
    launch("demo");
    launch("chaos");

    // Then
    assertThat(calls()).filteredOn(call -> call.startsWith("build")).hasSize(1);
    assertThat(calls()).filteredOn(call -> call.startsWith("java")).hasSize(2);
  }

  @Test
  void helpNeedsNoJavaAndBuildsNothing() throws Exception {
    // When
    ShellScript.Run run = launch(Map.of("JAVA_HOME", "/no/such/jdk"), "--help");

    // Then
    assertThat(run.exitCode()).isZero();
    assertThat(run.out()).startsWith("Usage: ./utter COMMAND");
    assertThat(project.resolve("calls")).doesNotExist();
  }

  @Test
  void helpListsTheCommandsOfEveryProgram() throws Exception {
    // When
    ShellScript.Run run = launch("--help");

    // Then
    assertThat(run.out().lines().filter(line -> line.startsWith("  ")).map(LauncherTest::name))
        .containsExactlyInAnyOrderElementsOf(
            Stream.of(
                    Stream.of(
                            dev.utter.cli.Main.commandLine(),
                            dev.utter.benchmarks.Main.commandLine(),
                            dev.utter.chaos.Main.commandLine(),
                            dev.utter.demo.Main.commandLine(),
                            dev.utter.producer.Main.commandLine())
                        .flatMap(program -> program.getSubcommands().keySet().stream()),
                    Stream.of("build", "test", "verify"))
                .flatMap(names -> names)
                .toList());
  }

  @Test
  void withoutACommandTheListIsAnError() throws Exception {
    // When
    ShellScript.Run run = launch();

    // Then
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).startsWith("Usage: ./utter COMMAND");
  }

  @Test
  void aCommandThatDoesNotExistIsRefusedWithoutABuild() throws Exception {
    // When
    ShellScript.Run run = launch("sing");

    // Then
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("there is no command sing", "./utter --help");
    assertThat(project.resolve("calls")).doesNotExist();
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
    Path figures = project.resolve("worker/benchmarks/results/engine.jsonl");
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

  @ParameterizedTest
  @ValueSource(strings = {"test", "verify"})
  void testsRunInThePhaseOfMavenOfThatName(String phase) throws Exception {
    // When
    launch(phase, "-Dx=y");

    // Then
    assertThat(calls()).singleElement().asString().endsWith(" " + phase + " -Dx=y");
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

  private static String name(String line) {
    return line.strip().split(" ", 2)[0];
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
        while [[ $1 != dev.utter.*.Main ]]; do shift; done
        printf "java $1" >>"$UTTER_TEST_CALLS"; shift
        printf '[%%s]' "$@" >>"$UTTER_TEST_CALLS"; echo >>"$UTTER_TEST_CALLS"
        exit "${UTTER_TEST_EXIT:-0}"
        """
            .formatted(version, home));
    ShellScript.write(home.resolve("bin/javac"), "");
  }
}
