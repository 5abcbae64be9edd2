package dev.utter.demo;

import dev.utter.speech.torch.EngineSettings;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Settings of the demo.
 *
 * @param requests how many requests to send, 1 to 1000
 * @param out folder for the clips and report.json; created if missing
 * @param model folder of the model
 * @param engine settings of the engine; only device and precision are used
 * @param watermark folder of the watermark networks
 * @param timeout how long to wait for all outcomes, from the publication of the last request
 */
record DemoSettings(
    int requests, Path out, Path model, EngineSettings engine, Path watermark, Duration timeout) {
  private static final int MAX_REQUESTS = 1000;

  DemoSettings {
    if (requests < 1 || requests > MAX_REQUESTS) {
      throw new IllegalArgumentException(
          "requests is " + requests + ", must be 1 to " + MAX_REQUESTS);
    }
    if (timeout.isNegative() || timeout.isZero()) {
      throw new IllegalArgumentException("timeout is " + timeout + ", must be above zero");
    }
  }
}
