package dev.utter.producer.command;

import java.net.URI;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Refuses connections without TLS to other hosts, which would expose keys and texts. */
final class ClearText {
  private static final Set<String> WITH_TLS = Set.of("SSL", "SASL_SSL");

  private ClearText() {}

  /**
   * Refuses brokers on other hosts without TLS.
   *
   * @throws IllegalArgumentException with the remedy
   */
  static void refuseBrokers(String bootstrapServers, Map<String, String> properties) {
    String protocol = properties.getOrDefault("security.protocol", "PLAINTEXT");
    if (WITH_TLS.contains(protocol.strip().toUpperCase(Locale.ROOT))) {
      return;
    }
    for (String broker : bootstrapServers.split(",")) {
      if (!isLoopback(broker.strip().replaceFirst(":\\d+$", ""))) {
        throw refusal(
            "--bootstrap-servers has " + broker.strip(),
            "set security.protocol to SSL or SASL_SSL in --client-config");
      }
    }
  }

  /**
   * Refuses http URLs of other hosts.
   *
   * @param urls one or more, separated by commas
   * @throws IllegalArgumentException with the remedy
   */
  static void refuseUrls(String option, String urls) {
    for (String url : urls.split(",")) {
      URI uri = URI.create(url.strip());
      boolean foreign = uri.getHost() == null || !isLoopback(uri.getHost());
      if ("http".equalsIgnoreCase(uri.getScheme()) && foreign) {
        throw refusal(option + " has http and another host", "use https");
      }
    }
  }

  private static IllegalArgumentException refusal(String what, String remedy) {
    return new IllegalArgumentException(
        what
            + ", to which everything would go in clear text: "
            + remedy
            + ", or --allow-clear-text where nobody else can reach the network between");
  }

  private static boolean isLoopback(String host) {
    String name = host.toLowerCase(Locale.ROOT);
    return name.equals("localhost")
        || name.endsWith(".localhost")
        || name.matches("127(\\.\\d{1,3}){3}")
        || name.equals("::1")
        || name.equals("[::1]");
  }
}
