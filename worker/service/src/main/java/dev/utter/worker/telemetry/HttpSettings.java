package dev.utter.worker.telemetry;

import dev.utter.worker.settings.source.Section;
import dev.utter.worker.settings.source.SettingsException;

/**
 * Where health and metrics are served; section {@code http}.
 *
 * @param address address to listen on; default 0.0.0.0
 * @param port port; 0 for any free one; default 8080
 */
public record HttpSettings(String address, int port) {

  /** All addresses, port 8080. */
  public static final HttpSettings DEFAULT = new HttpSettings("0.0.0.0", 8080);

  private static final int LARGEST_PORT = 65_535;

  /** Checks both. */
  public HttpSettings {
    if (address == null || address.isBlank()) {
      throw new SettingsException("http.address is blank");
    }
    if (port < 0 || port > LARGEST_PORT) {
      throw new SettingsException("http.port is " + port + ", must be 0 to " + LARGEST_PORT);
    }
  }

  public static HttpSettings read(Section section) {
    HttpSettings settings =
        new HttpSettings(
            section.text("address").orElse(DEFAULT.address()),
            section.integer("port").orElse(DEFAULT.port()));
    section.refuseUnknown();
    return settings;
  }
}
