package dev.utter.helm;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import java.lang.reflect.InvocationTargetException;
import java.util.List;
import java.util.Map;

/**
 * Holds a document against the schema of its kind: fields that there are not, required ones that
 * are missing, and wrong types are reported. Those of Kubernetes come with its Java client, those
 * of operators are their custom resource definitions.
 */
final class KubernetesSchema {
  private static final String MODELS = "io.kubernetes.client.openapi.models.V1";
  private static final List<String> KUBERNETES =
      List.of("v1", "apps/v1", "batch/v1", "policy/v1", "networking.k8s.io/v1");

  private static final Map<String, String> DEFINITIONS =
      Map.of(
          "keda.sh/v1alpha1 ScaledObject", "keda.sh_scaledobjects.yaml",
          "monitoring.coreos.com/v1 PodMonitor", "monitoring.coreos.com_podmonitors.yaml",
          "monitoring.coreos.com/v1 PrometheusRule", "monitoring.coreos.com_prometheusrules.yaml");

  private KubernetesSchema() {}

  /** What is wrong with a document; empty if nothing is. */
  static List<String> problems(JsonNode document) {
    String version = document.path("apiVersion").asText();
    String kind = document.path("kind").asText();
    if (KUBERNETES.contains(version)) {
      return modelProblems(kind, document);
    }
    String definition = DEFINITIONS.get(version + " " + kind);
    return definition == null
        ? List.of("there is no " + version + " " + kind)
        : CustomSchema.load(definition, version).problems(document);
  }

  private static List<String> modelProblems(String kind, JsonNode document) {
    try {
      Class.forName(MODELS + kind)
          .getMethod("validateJsonElement", JsonElement.class)
          .invoke(null, JsonParser.parseString(document.toString()));
      return List.of();
    } catch (InvocationTargetException e) {
      return List.of(e.getCause().toString());
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("the client has no check for " + kind, e);
    }
  }
}
