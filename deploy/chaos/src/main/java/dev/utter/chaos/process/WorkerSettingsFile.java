package dev.utter.chaos.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * The settings file of one worker, as an operator would write it. What differs between workers and
 * runs has a name in braces, for example {@code ${name}}.
 */
final class WorkerSettingsFile {
  /** The settings for workers of this version. */
  static final String TEMPLATE =
      """
      worker:
        name: ${name}
        roles: [${roles}]
        development: true
        stopTimeout: 20s
      kafka:
        bootstrapServers: ${brokers}
        stateFolder: ${state}
      registry:
        url: ${registry}
      storage:
        endpoint: ${store}
        accessKey: ${accessKey}
        secretKey: env:UTTER_STORAGE_SECRET_KEY
        callTimeout: 10s
      output:
        bucket: ${bucket}
        prefix: ${prefix}
      model:
        source: ${model}
        threads: 1
        slots: ${slots}
        memoryBytes: 400000000
      synthesis:
        maxRetry: 2s
      intake:
        stopGrace: 10s
      http:
        address: 127.0.0.1
        port: ${port}
      """;

  private WorkerSettingsFile() {}

  /** The values of the names. */
  static Map<String, String> values(
      Path folder, Backends backends, WorkerPlan plan, Path model, int port) {
    return Map.ofEntries(
        Map.entry("name", plan.name()),
        Map.entry("roles", String.join(", ", plan.roles())),
        Map.entry("brokers", backends.bootstrapServers()),
        Map.entry("state", folder.resolve(plan.name() + "-state").toString()),
        Map.entry("registry", backends.registryNetwork().url(plan.name())),
        Map.entry("store", backends.storeNetwork().url(plan.name())),
        Map.entry("accessKey", backends.accessKey()),
        Map.entry("bucket", Backends.BUCKET),
        Map.entry("prefix", Backends.PREFIX),
        Map.entry("model", model.toString()),
        Map.entry("slots", Integer.toString(plan.slots())),
        Map.entry("port", Integer.toString(port)));
  }

  /** Writes the file, with the values in the place of their names. */
  static void write(Path file, String template, Map<String, String> values) throws IOException {
    String text = template;
    for (Map.Entry<String, String> value : values.entrySet()) {
      text = text.replace("${" + value.getKey() + "}", value.getValue());
    }
    Files.writeString(file, text);
  }
}
