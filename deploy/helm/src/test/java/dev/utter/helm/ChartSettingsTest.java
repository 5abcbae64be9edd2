package dev.utter.helm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.utter.worker.settings.Role;
import dev.utter.worker.settings.WorkerSettings;
import dev.utter.worker.telemetry.Drain;
import dev.utter.worker.telemetry.Health;
import dev.utter.worker.telemetry.TelemetryServer;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The chart as the worker would see it: its own reader takes what is rendered. */
class ChartSettingsTest {
  private static final Map<String, Set<Role>> ROLES =
      Map.of(
          "utter-admission", Set.of(Role.ADMISSION, Role.STATUS),
          "utter-verification", Set.of(Role.VERIFICATION),
          "utter-synthesis", Set.of(Role.SYNTHESIS));

  @TempDir private Path folder;

  static Stream<List<JsonNode>> variants() {
    return ChartTest.variants();
  }

  @ParameterizedTest
  @MethodSource("variants")
  void theWorkerTakesItsFileAndEnvironment(List<JsonNode> documents) {
    for (RenderedPod pod : RenderedPod.of(documents)) {
      // When
      WorkerSettings settings = pod.settings(folder.resolve(pod.workloadName()));

      // Then
      assertThat(pod.workloadName() + "-0").startsWith(settings.worker().name());
      assertThat(settings.kafka().stateFolder()).isEqualTo(Path.of("/var/lib/utter"));
      assertThat(settings.http().port())
          .isEqualTo(pod.container().at("/ports/0/containerPort").asInt(8080));
      if (ROLES.containsKey(pod.workloadName())) {
        assertThat(settings.worker().roles()).isEqualTo(ROLES.get(pod.workloadName()));
        assertThat(settings.kafka().createTopics()).isEmpty();
      }
    }
  }

  @Test
  void everyRoleRunsSomewhere() {
    Set<Role> roles = new HashSet<>();
    ROLES.values().forEach(roles::addAll);
    assertThat(roles).containsExactlyInAnyOrder(Role.values());
  }

  @Test
  void theJobCreatesTopicsAndItsWorkerHasANameOfItsOwn() {
    // Given
    RenderedPod job =
        RenderedPod.of(Chart.render(Map.of("topics.partitions", 12))).stream()
            .filter(pod -> pod.workload().path("kind").asText().equals("Job"))
            .findFirst()
            .orElseThrow();

    // When
    WorkerSettings settings = job.settings(folder);

    // Then
    assertThat(settings.kafka().createTopics().orElseThrow().partitions()).isEqualTo(12);
    assertThat(settings.worker().name()).isEqualTo("utter-topics");
    assertThat(job.container().path("args").toString()).contains("\"--check\"");
  }

  @Test
  void aWorkerHasTheSecretsItNeedsAndNoOthers() {
    List<JsonNode> documents = Chart.render(Chart.example("production.yaml"));

    assertThat(secrets(documents, "utter-admission")).containsOnly("utter-kafka", "utter-registry");
    assertThat(secrets(documents, "utter-verification"))
        .containsOnly("utter-kafka", "utter-registry", "utter-watermark");
    assertThat(secrets(documents, "utter-synthesis"))
        .containsOnly(
            "utter-kafka", "utter-registry", "utter-watermark", "utter-clip-keys", "utter-signing");
    assertThat(secrets(Chart.render(), "utter-verification"))
        .containsOnly("utter-storage", "utter-watermark");
  }

  @Test
  void secretsReachTheSettingsTheyAreFor() {
    // Given
    List<JsonNode> documents = Chart.render(Chart.example("production.yaml"));

    // When
    WorkerSettings settings = RenderedPod.of(documents, "utter-synthesis").settings(folder);

    // Then
    assertThat(settings.kafka().properties()).containsEntry("sasl.jaas.config", "a login module");
    assertThat(settings.output().orElseThrow().clipProof()).isPresent();
    assertThat(settings.watermark().orElseThrow().keys().marking().id()).isEqualTo("key-1");
    assertThat(settings.signing().privateKeyFile())
        .contains(folder.resolve("signing/signing-key.pem"));
    assertThat(settings.model().orElseThrow().engine().threads()).hasValue(8);
    assertThat(settings.model().orElseThrow().source()).hasToString("/models");
  }

  @Test
  void aGpuIsTheDeviceOfTheModel() {
    List<JsonNode> documents = Chart.render(Chart.example("gpu.yaml"));
    WorkerSettings settings = RenderedPod.of(documents, "utter-synthesis").settings(folder);

    assertThat(settings.model().orElseThrow().engine().device()).isEqualTo("cuda");
    assertThat(settings.model().orElseThrow().source()).hasToString("/models/csm-1b");
    assertThat(settings.intake().stopGrace()).isEqualTo(Duration.ofSeconds(48));
  }

  @Test
  void aModelOfTheStoreIsPulledIntoAVolume() {
    // Given
    List<JsonNode> documents = Chart.render(Chart.example("store-model.yaml"));

    for (String name : List.of("utter-synthesis", "utter-verification")) {
      // When
      RenderedPod pod = RenderedPod.of(documents, name);
      WorkerSettings settings = pod.settings(folder.resolve(name));

      // Then
      assertThat(settings.storage().orElseThrow().modelCache())
          .isEqualTo(Path.of("/var/cache/utter-models"));
      assertThat(settings.watermark().orElseThrow().source().address())
          .contains("s3://models/silentcipher");
      assertThat(pod.container().path("volumeMounts"))
          .anySatisfy(
              mount -> {
                assertThat(mount.path("name").asText()).isEqualTo("model-cache");
                assertThat(mount.path("mountPath").asText()).isEqualTo("/var/cache/utter-models");
                assertThat(mount.path("readOnly").asBoolean()).isFalse();
              });
      assertThat(pod.spec().path("volumes"))
          .anySatisfy(
              volume ->
                  assertThat(volume.at("/persistentVolumeClaim/claimName").asText())
                      .isEqualTo("utter-models"));
    }
    assertThat(
            RenderedPod.of(documents, "utter-synthesis")
                .settings(folder.resolve("again"))
                .model()
                .orElseThrow()
                .source()
                .address())
        .contains("s3://models/csm-1b");
  }

  @Test
  void aModelThatIsNoFolderNeedsTheWatermarkNamed() {
    assertThatThrownBy(() -> Chart.render(Map.of("settings.model.source", "s3://models/csm-1b")))
        .hasMessageContaining("settings.watermark.source is missing")
        .hasMessageContaining("s3://models/csm-1b");
  }

  @Test
  void aFleetMayPutSomethingBeforeTheNames() {
    List<JsonNode> documents = Chart.render(Map.of("workerNamePrefix", "east."));
    assertThat(RenderedPod.of(documents, "utter-synthesis").settings(folder).worker().name())
        .isEqualTo("east.utter-synthesis-0");
  }

  @Test
  void theSchemaOfTheValuesHasTheSectionsOfTheSettings() {
    // Given
    JsonNode schema = Chart.yaml(Chart.FOLDER.resolve("values.schema.json"));
    Set<String> sections = new HashSet<>();
    schema.at("/definitions/settings/properties").fieldNames().forEachRemaining(sections::add);

    // Then
    assertThat(sections)
        .containsExactlyInAnyOrderElementsOf(
            Stream.of(WorkerSettings.class.getRecordComponents())
                .map(RecordComponent::getName)
                // Comes from the variables of OpenTelemetry, which the settings file does not have.
                .filter(name -> !name.equals("tracing"))
                .toList());
  }

  @Test
  void theProbesAskForWhatTheWorkerServes() throws Exception {
    // Given
    JsonNode container = RenderedPod.of(Chart.render(), "utter-synthesis").container();
    try (TelemetryServer server =
        TelemetryServer.start("127.0.0.1", 0, ready(), format -> "", undrained())) {
      for (String probe : List.of("startupProbe", "livenessProbe", "readinessProbe")) {
        // When
        String path = container.path(probe).at("/httpGet/path").asText();

        // Then
        assertThat(status(server.port(), path)).as(probe + " " + path).isEqualTo(200);
        assertThat(container.path(probe).at("/httpGet/port").asText()).isEqualTo("http");
      }
      JsonNode monitor =
          Chart.find(Chart.render(Chart.example("production.yaml")), "PodMonitor", "utter");
      String path = monitor.at("/spec/podMetricsEndpoints/0/path").asText();
      assertThat(status(server.port(), path)).isEqualTo(200);
    }
  }

  private static int status(int port, String path) throws IOException, InterruptedException {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).build(),
            HttpResponse.BodyHandlers.discarding())
        .statusCode();
  }

  private static Drain undrained() {
    return new Drain() {
      @Override
      public Progress progress() {
        return new Progress("worker", Phase.WORKING, 0, List.of());
      }

      @Override
      public Progress begin(boolean exit) {
        return progress();
      }
    };
  }

  private static Health ready() {
    return new Health() {
      @Override
      public Optional<String> broken() {
        return Optional.empty();
      }

      @Override
      public Map<String, Optional<String>> parts() {
        return Map.of("worker", Optional.empty());
      }
    };
  }

  private static Set<String> secrets(List<JsonNode> documents, String name) {
    Set<String> secrets = new HashSet<>();
    for (JsonNode volume : RenderedPod.of(documents, name).spec().path("volumes")) {
      if (volume.has("secret")) {
        secrets.add(volume.at("/secret/secretName").asText());
      }
    }
    return secrets;
  }
}
