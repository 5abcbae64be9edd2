package dev.utter.worker.settings;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Map;

class SettingsFuzzTest {

  @FuzzTest
  void aFileIsReadOrRefused(FuzzedDataProvider data) {
    try {
      WorkerSettings.parse(data.consumeRemainingAsString(), Map.of());
    } catch (SettingsException e) {
      // That is the other way to end.
    }
  }
}
