package dev.utter.cli.doctor;

import static java.util.Objects.requireNonNull;

import dev.utter.worker.WorkerCheck;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The checks of {@code worker --check}, each with a remedy. */
final class WorkerChecks {
  private static final String SERVICES = "without --config there are no services to check";

  /** In the order of the report. */
  private static final Map<String, String> REMEDIES = new LinkedHashMap<>();

  static {
    REMEDIES.put("decoder", "set UTTER_CACHE to a folder that can be written and holds programs");
    REMEDIES.put("model", "see the lines of memory and model files");
    REMEDIES.put("watermark", "see the line of mark and detect, and watermark.source");
    REMEDIES.put("memory", "give the process more memory");
    REMEDIES.put("signing", "set signing.privateKeyFile to a PEM file with a key of Ed25519");
    REMEDIES.put(
        "kafka",
        "check kafka.bootstrapServers, kafka.client and that the brokers run; \"utter topics check\""
            + " compares the topics, \"utter worker --print-acls\" prints the rights");
    REMEDIES.put(
        "skips",
        "\"utter topics create\" creates utter.skips, \"utter acl print\" prints"
            + " the right to read it");
    REMEDIES.put(
        "registry", "check registry.url, its credentials, and that the schema registry runs");
    REMEDIES.put(
        "storage",
        "check storage.endpoint, the credentials and output.bucket; \"utter worker"
            + " --print-s3-policy\" prints the rights");
  }

  private static final List<String> OUTSIDE =
      List.of("signing", "kafka", "skips", "registry", "storage");

  private final Map<String, Runnable> attempts;
  private final boolean configured;

  /**
   * @param configured whether the settings are those of a worker, and not made up for a model
   */
  WorkerChecks(WorkerCheck worker, boolean configured) {
    this.attempts = worker.attempts();
    this.configured = configured;
  }

  /** All but that of the name, which a worker that is running has. */
  List<Check> all() {
    List<Check> checks = new ArrayList<>();
    REMEDIES.forEach(
        (name, remedy) -> {
          if (!configured && OUTSIDE.contains(name)) {
            checks.add(new Check(name, remedy, () -> Answer.notChecked(SERVICES)));
          } else if (attempts.containsKey(name)) {
            checks.add(new Check(shown(name), remedy, () -> attempt(name)));
          }
        });
    return checks;
  }

  /** What a worker needs for a model has a line of its own before. */
  private static String shown(String name) {
    return switch (name) {
      case "model" -> "model loads";
      case "watermark" -> "watermark loads";
      default -> name;
    };
  }

  private Answer attempt(String name) {
    requireNonNull(attempts.get(name)).run();
    return Answer.ok("as \"utter worker --check\" checks it");
  }
}
