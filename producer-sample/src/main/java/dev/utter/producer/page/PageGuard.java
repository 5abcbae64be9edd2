package dev.utter.producer.page;

import com.sun.net.httpserver.Headers;
import java.net.InetAddress;
import java.net.URI;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Refuses requests of other web sites. A site whose name resolves to this machine (DNS rebinding)
 * has that name in {@code Host}. A site that sends requests from the user's browser has its own
 * name in {@code Origin}. Threading: immutable.
 */
final class PageGuard {
  /** Headers of every answer. */
  static final Map<String, String> HEADERS =
      Map.of(
          "Content-Security-Policy",
          "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
              + " media-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
          "X-Frame-Options",
          "DENY",
          "X-Content-Type-Options",
          "nosniff",
          "Referrer-Policy",
          "no-referrer",
          "Cross-Origin-Resource-Policy",
          "same-origin",
          "Cache-Control",
          "no-store");

  private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");

  private final Set<String> hosts = new TreeSet<>(LOOPBACK);

  /**
   * Accepts the names of the loopback device, the address that the page listens on, and further
   * names.
   *
   * @param further names that users type for this machine
   */
  PageGuard(InetAddress address, Collection<String> further) {
    if (!address.isAnyLocalAddress()) {
      String text = address.getHostAddress();
      hosts.add(text.contains(":") ? "[" + text + "]" : text);
    }
    further.forEach(name -> hosts.add(name.toLowerCase(Locale.ROOT)));
  }

  /** Reason to refuse a request; empty if it is accepted. */
  Optional<String> refusal(Headers headers) {
    List<String> host = headers.getOrDefault("Host", List.of());
    if (host.size() != 1 || !hosts.contains(name(host.get(0)))) {
      return Optional.of("this page is served to " + hosts + " only; --page-host adds a name");
    }
    List<String> origins = headers.getOrDefault("Origin", List.of());
    boolean foreign = origins.stream().anyMatch(origin -> !isOf(origin, host.get(0)));
    return foreign ? Optional.of("other sites may not use this page") : Optional.empty();
  }

  private static String name(String host) {
    return host.replaceFirst(":\\d{0,5}$", "").toLowerCase(Locale.ROOT);
  }

  private static boolean isOf(String origin, String host) {
    try {
      return host.equalsIgnoreCase(URI.create(origin).getRawAuthority());
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
