package dev.utter.helm;

import com.fasterxml.jackson.databind.JsonNode;
import dev.utter.worker.settings.WorkerSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A pod as the kubelet would start it: with the variables of image and container, the settings file
 * of its ConfigMap, and the files of its Secrets, which lie in a folder of the test.
 */
final class RenderedPod {
  private static final Pattern IMAGE_VARIABLE = Pattern.compile("\\b(UTTER_\\w+)=(\\S+)");

  /** What an operator would put into the Secrets. */
  private static final Map<String, Map<String, String>> SECRETS =
      Map.of(
          "utter-storage", Map.of("accessKey", "account", "secretKey", "secret-key-of-account"),
          "utter-clip-keys", Map.of("current", "0123456789abcdef".repeat(4)),
          "utter-watermark", Map.of("key-1", "91b2c3d4e5"),
          "utter-signing", Map.of("signing-key.pem", privateKey()),
          "utter-kafka", Map.of("jaas", "a login module", "ca.pem", "a certificate"),
          "utter-registry", Map.of("userInfo", "user:password"));

  private final List<JsonNode> documents;
  private final JsonNode workload;
  private final JsonNode pod;

  private RenderedPod(List<JsonNode> documents, JsonNode workload) {
    this.documents = documents;
    this.workload = workload;
    this.pod = workload.at("/spec/template/spec");
  }

  /** The pods of all workloads, and of the job. */
  static List<RenderedPod> of(List<JsonNode> documents) {
    List<RenderedPod> pods = new ArrayList<>();
    for (String kind : List.of("StatefulSet", "Job")) {
      Chart.ofKind(documents, kind)
          .forEach(workload -> pods.add(new RenderedPod(documents, workload)));
    }
    return pods;
  }

  /** The pod of a StatefulSet. */
  static RenderedPod of(List<JsonNode> documents, String name) {
    return new RenderedPod(documents, Chart.find(documents, "StatefulSet", name));
  }

  String workloadName() {
    return workload.at("/metadata/name").asText();
  }

  JsonNode workload() {
    return workload;
  }

  JsonNode spec() {
    return pod;
  }

  JsonNode container() {
    return pod.at("/containers/0");
  }

  /** The variables in the container. References to earlier ones are replaced. */
  Map<String, String> environment() {
    Map<String, String> variables = new TreeMap<>(imageVariables());
    for (JsonNode variable : container().path("env")) {
      String value =
          variable.at("/valueFrom/fieldRef/fieldPath").asText().equals("metadata.name")
              ? workloadName() + "-0"
              : variable.path("value").asText();
      for (Map.Entry<String, String> earlier : variables.entrySet()) {
        value = value.replace("$(" + earlier.getKey() + ")", earlier.getValue());
      }
      variables.put(variable.path("name").asText(), value);
    }
    return variables;
  }

  /**
   * What the worker's own reader makes of the pod.
   *
   * @param folder where the files of the Secrets are made
   */
  WorkerSettings settings(Path folder) {
    return WorkerSettings.parse(
        settingsFile().replace("/etc/utter/secrets", mountSecrets(folder).toString()),
        environment());
  }

  String settingsFile() {
    String name = volume("settings").at("/configMap/name").asText();
    return Chart.find(documents, "ConfigMap", name).at("/data/worker.yaml").asText();
  }

  JsonNode volume(String name) {
    for (JsonNode volume : pod.path("volumes")) {
      if (volume.path("name").asText().equals(name)) {
        return volume;
      }
    }
    throw new AssertionError(workloadName() + " has no volume " + name);
  }

  private Path mountSecrets(Path folder) {
    try {
      for (JsonNode mount : container().path("volumeMounts")) {
        String path = mount.path("mountPath").asText();
        if (path.startsWith("/etc/utter/secrets/")) {
          String secret = volume(mount.path("name").asText()).at("/secret/secretName").asText();
          Path place = Files.createDirectories(folder.resolve(Path.of(path).getFileName()));
          for (Map.Entry<String, String> file : SECRETS.get(secret).entrySet()) {
            Files.writeString(place.resolve(file.getKey()), file.getValue());
          }
        }
      }
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String privateKey() {
    try {
      byte[] key =
          KeyPairGenerator.getInstance("Ed25519").generateKeyPair().getPrivate().getEncoded();
      return "-----BEGIN PRIVATE KEY-----\n"
          + Base64.getMimeEncoder().encodeToString(key)
          + "\n-----END PRIVATE KEY-----\n";
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Java has Ed25519", e);
    }
  }

  private static Map<String, String> imageVariables() {
    try {
      Map<String, String> variables = new TreeMap<>();
      Path image = Chart.ROOT.resolve("deploy/docker/Dockerfile");
      Matcher variable = IMAGE_VARIABLE.matcher(Files.readString(image));
      while (variable.find()) {
        variables.put(variable.group(1), variable.group(2));
      }
      return variables;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
