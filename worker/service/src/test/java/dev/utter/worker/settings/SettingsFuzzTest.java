package dev.utter.worker.settings;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.utter.worker.settings.source.SettingsException;
import java.util.HashMap;
import java.util.Map;

class SettingsFuzzTest {
  private static final String FILE =
      """
      worker: {name: worker-1, development: true}
      kafka: {bootstrapServers: "localhost:9092", stateFolder: /var/cache/utter}
      registry: {url: "http://localhost:8081"}
      storage: {endpoint: "http://localhost:9000", accessKey: me, secretKey: hush}
      output: {bucket: utter}
      model: {source: /models/model}
      watermark: {source: /models/watermark}
      """;

  @FuzzTest
  void aFileIsReadOrRefused(FuzzedDataProvider data) {
    read(data.consumeRemainingAsString(), Map.of());
  }

  /** A line for each variable. */
  @FuzzTest
  void variablesAreReadOrRefused(FuzzedDataProvider data) {
    Map<String, String> variables = new HashMap<>();
    for (String line : data.consumeRemainingAsString().split("\n")) {
      String[] variable = line.split("=", 2);
      if (variable.length == 2) {
        variables.put(variable[0], variable[1]);
      }
    }
    read(FILE, variables);
  }

  private static void read(String file, Map<String, String> environment) {
    try {
      WorkerSettings.parse(file, environment);
    } catch (SettingsException e) {
      // The other valid result.
    }
  }
}
