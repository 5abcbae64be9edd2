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
 * @param engine of which device and precision count
 * @param watermark folder of the watermark networks
 * @param timeout how long to wait for all outcomes, from the last request's publication
 */
public record DemoSettings(
    int requests, Path out, Path model, EngineSettings engine, Path watermark, Duration timeout) {
  private static final int MOST_REQUESTS = 1000;

  public DemoSettings {
    if (requests < 1 || requests > MOST_REQUESTS) {
      throw new IllegalArgumentException(
          "requests is " + requests + ", must be 1 to " + MOST_REQUESTS);
    }
    if (timeout.isNegative() || timeout.isZero()) {
      throw new IllegalArgumentException("timeout is " + timeout + ", must be above zero");
    }
  }
}
