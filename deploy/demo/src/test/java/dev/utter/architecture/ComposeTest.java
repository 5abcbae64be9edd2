package dev.utter.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.utter.worker.settings.WorkerSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** docker-compose.yml, as far as it can be checked without Docker. */
class ComposeTest {
  private static final Path ROOT = Path.of(System.getProperty("utter.home"));
  private static final Pattern PINNED =
      Pattern.compile(".+(:[^:/@]*[0-9][^:/@]*|@sha256:[0-9a-f]{64})");
  private static final Pattern FROM = Pattern.compile("(?m)^ARG \\w+_IMAGE=(\\S+)$");
  private static final Pattern VARIABLE = Pattern.compile("\\b(UTTER_\\w+)=(\\S+)");
  private static final List<String> OURS = List.of("worker", "worker-gpu", "producer");
  private static final List<String> WRITE_THEIR_ROOT = List.of("kafka", "registry");

  private final JsonNode compose = read("docker-compose.yml");
  private final Map<String, JsonNode> services = services();

  @Test
  void everyImageHasAVersion() throws IOException {
    // Given
    List<String> images = new ArrayList<>();
    services.values().forEach(service -> images.add(service.path("image").asText()));
    Matcher from = FROM.matcher(Files.readString(ROOT.resolve("deploy/docker/Dockerfile")));
    while (from.find()) {
      images.add(from.group(1));
    }

    // Then
    assertThat(images)
        .hasSize(services.size() + 2)
        .allMatch(image -> PINNED.matcher(image).matches());
  }

  @Test
  void everyContainerHasNoMoreRightsAndMemoryThanItNeeds() {
    services.forEach(
        (name, service) -> {
          assertThat(texts(service.path("cap_drop"))).as(name).containsExactly("ALL");
          assertThat(texts(service.path("security_opt")))
              .as(name)
              .contains("no-new-privileges:true");
          assertThat(service.path("mem_limit").asText()).as(name).isNotEmpty();
          assertThat(service.path("pids_limit").asInt()).as(name).isPositive();
          assertThat(service.path("privileged").asBoolean()).as(name).isFalse();
          assertThat(service.path("read_only").asBoolean())
              .as(name)
              .isEqualTo(!WRITE_THEIR_ROOT.contains(name));
        });
    OURS.forEach(name -> assertThat(services.get(name).has("cap_add")).as(name).isFalse());
  }

  @Test
  void nothingIsReachableFromOtherMachines() {
    services.forEach(
        (name, service) ->
            assertThat(texts(service.path("ports")))
                .as(name)
                .allMatch(port -> port.startsWith("127.0.0.1:")));
  }

  @Test
  void workerAndProducerHaveAccountsOfTheirOwn() {
    assertThat(account("worker")).contains("UTTER_WORKER_").doesNotContain("UTTER_PRODUCER_");
    assertThat(account("producer")).contains("UTTER_PRODUCER_").doesNotContain("UTTER_WORKER_");
    assertThat(services.get("store").path("environment").toString())
        .contains(
            services.get("worker").path("environment").path("UTTER_STORAGE_SECRET_KEY").asText())
        .contains(
            services.get("producer").path("environment").path("UTTER_STORAGE_SECRET_KEY").asText());
  }

  @Test
  void whatServicesNameIsThere() {
    services.forEach(
        (name, service) -> {
          service
              .path("depends_on")
              .properties()
              .forEach(other -> assertThat(services).as(name).containsKey(other.getKey()));
          for (String volume : texts(service.path("volumes"))) {
            String source = volume.substring(0, volume.indexOf(":/"));
            String path = source.replaceFirst("^\\$\\{\\w+:-(.*)}$", "$1");
            if (path.startsWith("./")) {
              assertThat(ROOT.resolve(path)).as(name).exists();
            } else {
              assertThat(compose.path("volumes").has(path)).as(name + ": " + path).isTrue();
            }
          }
        });
  }

  @Test
  void theWorkersSettingsAreAcceptedWithTheVariablesOfTheImage() throws IOException {
    // Given
    Map<String, String> environment = new TreeMap<>(imageVariables());
    environment.put("UTTER_STORAGE_ACCESS_KEY", "key");
    environment.put("UTTER_STORAGE_SECRET_KEY", "secret-key");

    // When
    WorkerSettings settings =
        WorkerSettings.load(ROOT.resolve("deploy/docker/worker.yaml"), environment);

    // Then
    assertThat(services).containsKey(settings.storage().orElseThrow().endpoint().getHost());
    assertThat(services).containsKey(settings.kafka().bootstrapServers().split(":")[0]);
  }

  @Test
  void eachProfileHasOneWorkerAndTheyDifferInTheDeviceOnly() throws IOException {
    // Given
    String dockerfile = Files.readString(ROOT.resolve("deploy/docker/Dockerfile"));
    ObjectNode cpu = services.get("worker").deepCopy();
    ObjectNode gpu = services.get("worker-gpu").deepCopy();

    // Then
    assertThat(texts(cpu.path("profiles"))).containsExactly("cpu");
    assertThat(texts(gpu.path("profiles"))).containsExactly("gpu");
    assertThat(gpu.path("environment").path("UTTER_MODEL_DEVICE").asText()).isEqualTo("cuda");
    for (ObjectNode worker : List.of(cpu, gpu)) {
      assertThat(dockerfile).contains(" AS " + worker.path("build").path("target").asText() + "\n");
      ((ObjectNode) worker.path("environment")).remove("UTTER_MODEL_DEVICE");
      worker.remove(List.of("image", "build", "profiles", "deploy"));
    }
    assertThat(gpu).isEqualTo(cpu);
    services
        .get("producer")
        .path("depends_on")
        .forEach(worker -> assertThat(worker.path("required").asBoolean(true)).isFalse());
  }

  @Test
  void theImageRunsAsAUserWithoutRightsAndReportsItsHealth() throws IOException {
    // When
    String dockerfile = Files.readString(ROOT.resolve("deploy/docker/Dockerfile"));

    // Then
    assertThat(dockerfile.lines().filter(line -> line.startsWith("USER ")))
        .containsExactly("USER 10001");
    assertThat(dockerfile.substring(dockerfile.indexOf(" AS worker\n")))
        .containsPattern("(?m)^HEALTHCHECK .* CMD \\[\"/opt/utter/bin/ready\"]$");
    assertThat(dockerfile.strip().lines().filter(line -> line.startsWith("FROM ")).toList())
        .last()
        .isEqualTo("FROM worker AS worker-cpu");
  }

  /** What a settings reader in the container finds beside the variables of the compose file. */
  private static Map<String, String> imageVariables() throws IOException {
    Map<String, String> variables = new TreeMap<>();
    Matcher variable = VARIABLE.matcher(Files.readString(ROOT.resolve("deploy/docker/Dockerfile")));
    while (variable.find()) {
      variables.put(variable.group(1), variable.group(2));
    }
    assertThat(variables).containsKeys("UTTER_CACHE", "UTTER_MAIN_CLASS");
    return variables;
  }

  private String account(String name) {
    JsonNode environment = services.get(name).path("environment");
    return environment.path("UTTER_STORAGE_ACCESS_KEY").asText()
        + environment.path("UTTER_STORAGE_SECRET_KEY").asText();
  }

  private Map<String, JsonNode> services() {
    Map<String, JsonNode> found = new TreeMap<>();
    compose
        .path("services")
        .properties()
        .forEach(entry -> found.put(entry.getKey(), merged(entry.getValue())));
    return found;
  }

  /** The parser leaves merge keys to us. */
  private ObjectNode merged(JsonNode service) {
    ObjectNode merged = service.deepCopy();
    if (merged.has("<<")) {
      JsonNode named = compose.path("x-" + merged.remove("<<").asText());
      ObjectNode base = merged(named);
      base.setAll(merged);
      return base;
    }
    return merged;
  }

  private static List<String> texts(JsonNode list) {
    List<String> texts = new ArrayList<>();
    list.forEach(item -> texts.add(item.asText()));
    return texts;
  }

  private static JsonNode read(String file) {
    try {
      return new YAMLMapper().readTree(Files.readString(ROOT.resolve(file)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
