package dev.utter.helm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.marcnuri.helm.LintResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The chart as Kubernetes would see it. */
class ChartTest {
  private static final List<JsonNode> DEFAULTS = Chart.render();

  static Stream<List<JsonNode>> variants() {
    return Stream.concat(Stream.of(DEFAULTS), Chart.examples().stream().map(Chart::render));
  }

  @Test
  void helmFindsNothingWrong() {
    // When
    LintResult lint = Chart.lint();

    // Then
    assertThat(lint.isFailed()).as(String.join("\n", lint.getMessages())).isFalse();
  }

  @ParameterizedTest
  @MethodSource("variants")
  void everyDocumentIsAsItsSchemaSays(List<JsonNode> documents) {
    assertThat(documents).hasSizeGreaterThan(10);
    documents.forEach(
        document ->
            assertThat(KubernetesSchema.problems(document))
                .as(document.path("kind") + " " + document.at("/metadata/name"))
                .isEmpty());
  }

  @Test
  void aFieldThatThereIsNotIsFound() {
    for (String kind : List.of("StatefulSet", "ScaledObject", "PodMonitor", "PrometheusRule")) {
      JsonNode document = Chart.find(Chart.render(Chart.example("production.yaml")), kind, "utter");
      ((ObjectNode) document.path("spec")).put("replicaz", 1);

      assertThat(KubernetesSchema.problems(document)).as(kind).isNotEmpty();
    }
  }

  @Test
  void aRequiredFieldThatIsMissingIsFound() {
    // Given
    JsonNode set = Chart.find(Chart.render(), "StatefulSet", "utter");
    JsonNode scaled =
        Chart.find(Chart.render(Chart.example("production.yaml")), "ScaledObject", "utter");

    // When
    ((ObjectNode) set.path("spec")).remove("selector");
    ((ObjectNode) scaled.path("spec")).remove("triggers");

    // Then
    assertThat(KubernetesSchema.problems(set)).isNotEmpty();
    assertThat(KubernetesSchema.problems(scaled)).isNotEmpty();
  }

  @ParameterizedTest
  @MethodSource("variants")
  void noPodHasMoreRightsThanItNeeds(List<JsonNode> documents) {
    RenderedPod.of(documents)
        .forEach(
            pod -> {
              JsonNode spec = pod.spec();
              assertThat(spec.path("automountServiceAccountToken")).hasToString("false");
              assertThat(spec.path("enableServiceLinks")).hasToString("false");
              assertThat(spec.at("/securityContext/runAsNonRoot").asBoolean()).isTrue();
              assertThat(spec.at("/securityContext/seccompProfile/type").asText())
                  .isEqualTo("RuntimeDefault");
              JsonNode rights = pod.container().path("securityContext");
              assertThat(rights.path("readOnlyRootFilesystem").asBoolean()).isTrue();
              assertThat(rights.path("allowPrivilegeEscalation")).hasToString("false");
              assertThat(rights.path("privileged")).hasToString("false");
              assertThat(rights.path("capabilities")).hasToString("{\"drop\":[\"ALL\"]}");
              assertThat(pod.container().at("/resources/limits/memory").asText()).isNotEmpty();
            });
  }

  @ParameterizedTest
  @MethodSource("variants")
  void everyMountHasItsVolume(List<JsonNode> documents) {
    for (RenderedPod pod : RenderedPod.of(documents)) {
      Set<String> mounts = new TreeSet<>();
      pod.container()
          .path("volumeMounts")
          .forEach(mount -> mounts.add(mount.path("name").asText()));
      Set<String> volumes = new TreeSet<>();
      pod.spec().path("volumes").forEach(volume -> volumes.add(volume.path("name").asText()));
      pod.workload()
          .at("/spec/volumeClaimTemplates")
          .forEach(claim -> volumes.add(claim.at("/metadata/name").asText()));

      assertThat(mounts).as(pod.workloadName()).isEqualTo(volumes).contains("state", "temporary");
    }
  }

  @ParameterizedTest
  @MethodSource("variants")
  void whatSelectsPodsFindsThem(List<JsonNode> documents) {
    // Given
    List<String> components = new ArrayList<>();
    for (JsonNode set : Chart.ofKind(documents, "StatefulSet")) {
      JsonNode labels = set.at("/spec/template/metadata/labels");
      String name = set.at("/metadata/name").asText();
      components.add(name);

      // Then
      assertThat(labels.properties())
          .containsAll(set.at("/spec/selector/matchLabels").properties());
      assertThat(labels.properties())
          .containsAll(
              Chart.find(documents, "PodDisruptionBudget", name)
                  .at("/spec/selector/matchLabels")
                  .properties());
      assertThat(labels.properties())
          .containsAll(
              Chart.find(documents, "Service", set.at("/spec/serviceName").asText())
                  .at("/spec/selector")
                  .properties());
      for (JsonNode monitor : Chart.ofKind(documents, "PodMonitor")) {
        assertThat(labels.properties())
            .containsAll(monitor.at("/spec/selector/matchLabels").properties());
      }
      for (JsonNode policy : Chart.ofKind(documents, "NetworkPolicy")) {
        assertThat(labels.properties())
            .containsAll(policy.at("/spec/podSelector/matchLabels").properties());
      }
    }
    for (JsonNode scaled : Chart.ofKind(documents, "ScaledObject")) {
      assertThat(components).contains(scaled.at("/spec/scaleTargetRef/name").asText());
    }
  }

  @Test
  void theImageIsTheOneOfTheComposeFileAndItsUserRunsIt() throws IOException {
    // Given
    JsonNode compose = Chart.yaml(Chart.ROOT.resolve("docker-compose.yml"));
    String image = Files.readString(Chart.ROOT.resolve("deploy/docker/Dockerfile"));

    // Then
    for (RenderedPod pod : RenderedPod.of(DEFAULTS)) {
      assertThat(pod.container().path("image")).isEqualTo(compose.at("/services/worker/image"));
      assertThat(image)
          .contains("--uid " + pod.spec().at("/securityContext/runAsUser").asText() + " ");
    }
    JsonNode args = RenderedPod.of(DEFAULTS, "utter-synthesis").container().path("args");
    // Both workers of the compose file have what is under x-worker.
    assertThat(args).isEqualTo(compose.at("/x-worker/command"));
  }

  @Test
  void aDigestGoesBeforeTheTag() {
    List<JsonNode> documents = Chart.render(Chart.example("production.yaml"));
    assertThat(RenderedPod.of(documents, "utter-synthesis").container().path("image").asText())
        .isEqualTo("utter@sha256:" + "0".repeat(64));
  }

  @Test
  void onlyWorkersThatKeepStateHaveAVolumeThatLasts() {
    assertThat(state("utter-admission")).hasSize(1);
    assertThat(state("utter-verification")).isEmpty();
    assertThat(state("utter-synthesis")).isEmpty();
  }

  @Test
  void theNumberOfSynthesisWorkersIsLeftToTheAutoscaler() {
    // When
    List<JsonNode> documents = Chart.render(Chart.example("production.yaml"));

    // Then
    assertThat(Chart.find(documents, "StatefulSet", "utter-synthesis").path("spec").has("replicas"))
        .isFalse();
    assertThat(Chart.find(documents, "StatefulSet", "utter-admission").at("/spec/replicas").asInt())
        .isEqualTo(3);
  }

  @Test
  void aGpuIsAskedForAndItsTaintTolerated() {
    RenderedPod pod = RenderedPod.of(Chart.render(Chart.example("gpu.yaml")), "utter-synthesis");

    assertThat(pod.container().path("resources").path("limits").path("nvidia.com/gpu").asInt())
        .isEqualTo(1);
    assertThat(pod.spec().at("/tolerations/0/key").asText()).isEqualTo("nvidia.com/gpu");
    assertThat(pod.environment())
        .containsEntry("PYTORCH_LIBRARY_PATH", "/models/libtorch/lib")
        .containsEntry("PYTORCH_VERSION", "2.7.1");
  }

  @Test
  void aChangedSettingRestartsItsWorkersAndNoOthers() {
    // When
    List<JsonNode> changed = Chart.render(Map.of("synthesis.settings.synthesis.prefetch", 7));

    // Then
    assertThat(checksum(changed, "utter-synthesis"))
        .isNotEqualTo(checksum(DEFAULTS, "utter-synthesis"));
    assertThat(checksum(changed, "utter-admission"))
        .isEqualTo(checksum(DEFAULTS, "utter-admission"));
  }

  @Test
  void aJobThatDoesSomethingElseHasAnotherName() {
    assertThat(job(Chart.render(Map.of("topics.partitions", 12)))).isNotEqualTo(job(DEFAULTS));
    assertThat(job(Chart.render(Map.of("synthesis.replicas", 12)))).isEqualTo(job(DEFAULTS));
  }

  @ParameterizedTest
  @CsvSource({
    "synthesis.replicaz, 3",
    "synthesis.autoscaling.minReplicas, 0",
    "synthesis.resources.limits.memory, null",
    "settings.kafka.stateFolder, /tmp",
    "settings.worker.name, one",
    "settings.worker.stopTimeout, 10s",
    "settings.http.port, 9090",
    "settings.synthesys.prefetch, 3",
    "image.digest, latest",
    "logging.format, xml",
    "networkPolicy.enabled, true",
    "synthesis.autoscaling.enabled, true",
    "topics.replication, 0",
  })
  void valuesThatBreakTheSchemaAreRefused(String name, String value) {
    assertThatThrownBy(() -> Chart.render(Map.of(name, value)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("schema");
  }

  @Test
  void moreWorkersThanPartitionsAreRefused() {
    assertThatThrownBy(
            () ->
                Chart.render(
                    Map.of(
                        "synthesis.autoscaling.enabled",
                        true,
                        "synthesis.autoscaling.prometheus",
                        "http://prometheus",
                        "synthesis.autoscaling.maxReplicas",
                        65)))
        .hasMessageContaining("maxReplicas is 65, must not be above topics.partitions, 64");
  }

  @ParameterizedTest
  @CsvSource({"secrets.clipKeys.name", "secrets.watermark.name"})
  void withoutItsKeysNothingIsRendered(String name) {
    assertThatThrownBy(() -> Chart.render(Map.of(name, ""))).hasMessageContaining(name);
  }

  @Test
  void longNamesFitWhereTheyMustGo() {
    // When
    List<JsonNode> documents = Chart.render(Map.of("fullnameOverride", "u".repeat(63)));

    // Then
    documents.forEach(
        document ->
            assertThat(document.at("/metadata/name").asText()).hasSizeLessThanOrEqualTo(57));
  }

  @Test
  void thePathsOfTheImageAreWhereTheDockerfilePutsThem() throws IOException {
    String settings = RenderedPod.of(DEFAULTS, "utter-synthesis").settingsFile();
    String folder = "/opt/utter/worker/speech/models/development";

    assertThat(settings).contains("source: " + folder + "\n", "source: " + folder + "/watermark");
    assertThat(Files.readString(Chart.ROOT.resolve("deploy/docker/Dockerfile")))
        .contains("/src/worker/speech/models/development " + folder + "\n");
    assertThat(Path.of(folder.replace("/opt/utter", Chart.ROOT.toString()), "watermark")).exists();
  }

  @ParameterizedTest
  @MethodSource("variants")
  void aStopIsOverBeforeThePodIsKilled(List<JsonNode> documents) {
    for (JsonNode set : Chart.ofKind(documents, "StatefulSet")) {
      RenderedPod pod = RenderedPod.of(documents, set.at("/metadata/name").asText());
      Duration stop = seconds(pod.settingsFile(), "stopTimeout");
      Duration killed =
          Duration.ofSeconds(pod.spec().path("terminationGracePeriodSeconds").asLong());

      assertThat(killed).isGreaterThanOrEqualTo(stop.plusSeconds(10));
      if (pod.workloadName().equals("utter-synthesis")) {
        assertThat(stop)
            .isGreaterThanOrEqualTo(seconds(pod.settingsFile(), "stopGrace").plusSeconds(15));
      }
    }
  }

  @Test
  void theLongestClipIsFinishedInAStop(@TempDir Path folder) throws IOException {
    Path slow =
        Files.writeString(
            folder.resolve("slow.yaml"),
            "synthesis: {stop: {longestClipSeconds: 61, secondsPerAudioSecond: 2.5}}");
    RenderedPod pod = RenderedPod.of(Chart.render(slow), "utter-synthesis");

    assertThat(seconds(pod.settingsFile(), "stopGrace")).hasSeconds(153);
    assertThat(pod.spec().path("terminationGracePeriodSeconds").asInt()).isEqualTo(153 + 15 + 10);
  }

  private static Duration seconds(String settings, String name) {
    String line =
        settings.lines().filter(text -> text.contains(name + ":")).findFirst().orElseThrow();
    return Duration.parse("PT" + line.substring(line.indexOf(':') + 1).strip());
  }

  private static List<JsonNode> state(String name) {
    List<JsonNode> claims = new ArrayList<>();
    Chart.find(DEFAULTS, "StatefulSet", name).at("/spec/volumeClaimTemplates").forEach(claims::add);
    return claims;
  }

  private static String checksum(List<JsonNode> documents, String name) {
    return Chart.find(documents, "StatefulSet", name)
        .at("/spec/template/metadata/annotations")
        .path("checksum/settings")
        .asText();
  }

  private static String job(List<JsonNode> documents) {
    return Chart.find(documents, "Job", "utter-topics").at("/metadata/name").asText();
  }
}
