package dev.utter.speech.hub;

import dev.utter.speech.hub.listing.HubException;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/**
 * Sends GET requests to the hub, and follows its redirects to the hosts of large files. The token
 * goes to the hub's scheme, host and port only.
 *
 * <p>Uses the old HTTP client of the JDK, because its timeout covers each part of a body; the
 * timeout of the new one covers only the headers.
 */
final class HubHttp {

  private static final int MAX_REDIRECTS = 10;
  private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);

  private final URI endpoint;
  private final Optional<HubToken> token;
  private final int timeoutMillis;

  /**
   * @param timeout longest wait for a connection, and for each part of an answer
   * @throws HubException if the token would go over the network in clear text
   */
  HubHttp(URI endpoint, Optional<HubToken> token, Duration timeout) {
    if (token.isPresent() && endpoint.getScheme().equals("http") && !isLoopback(endpoint)) {
      throw new HubException(
          "HF_ENDPOINT is " + endpoint + ": without TLS everybody on the way could read the token");
    }
    this.endpoint = endpoint;
    this.token = token;
    this.timeoutMillis = Math.toIntExact(timeout.toMillis());
  }

  boolean hasToken() {
    return token.isPresent();
  }

  /**
   * Sends a GET request.
   *
   * @param from first byte wanted, 0 for all
   * @throws TransferException if there is no answer
   * @throws HubException if a redirect is not allowed
   */
  HubAnswer get(URI address, long from) throws TransferException {
    URI current = address;
    LinkedFile linked = LinkedFile.UNKNOWN;
    for (int hop = 0; hop <= MAX_REDIRECTS; hop++) {
      HubAnswer answer = ask(current, from, linked);
      if (!REDIRECTS.contains(answer.status())) {
        return answer;
      }
      linked = answer.linked();
      current = target(current, answer);
      answer.close();
    }
    throw new HubException(describe(address) + " redirects more than " + MAX_REDIRECTS + " times");
  }

  private HubAnswer ask(URI address, long from, LinkedFile linked) throws TransferException {
    try {
      HttpURLConnection connection = (HttpURLConnection) address.toURL().openConnection();
      connection.setInstanceFollowRedirects(false);
      connection.setUseCaches(false);
      connection.setConnectTimeout(timeoutMillis);
      connection.setReadTimeout(timeoutMillis);
      connection.setRequestProperty("User-Agent", "utter");
      // A compressed body has another length, and no ranges.
      connection.setRequestProperty("Accept-Encoding", "identity");
      if (from > 0) {
        connection.setRequestProperty("Range", "bytes=" + from + "-");
      }
      boolean ofTheHub = isHub(address);
      if (ofTheHub && token.isPresent()) {
        connection.setRequestProperty("Authorization", token.get().authorization());
      }
      int status = connection.getResponseCode();
      return new HubAnswer(
          connection, address, status, ofTheHub, ofTheHub ? LinkedFile.of(connection) : linked);
    } catch (IOException e) {
      throw new TransferException("no answer from " + describe(address) + ": " + e, e);
    }
  }

  private URI target(URI from, HubAnswer answer) {
    URI target;
    try {
      target = from.resolve(answer.header("Location").orElse(""));
    } catch (IllegalArgumentException e) {
      throw new HubException(describe(from) + " redirects to an invalid address");
    }
    boolean secure = "https".equals(target.getScheme());
    boolean asSecure = "http".equals(target.getScheme()) && endpoint.getScheme().equals("http");
    if (target.getHost() == null || !(secure || asSecure)) {
      throw new HubException(
          describe(from) + " redirects to " + describe(target) + ", which is not encrypted");
    }
    return target;
  }

  /** Whether an address is the hub's, by scheme, host and port. */
  boolean isHub(URI address) {
    return address.getScheme().equals(endpoint.getScheme())
        && address.getHost().equalsIgnoreCase(endpoint.getHost())
        && port(address) == port(endpoint);
  }

  private static int port(URI address) {
    if (address.getPort() >= 0) {
      return address.getPort();
    }
    return address.getScheme().equals("https") ? 443 : 80;
  }

  private static boolean isLoopback(URI address) {
    try {
      return InetAddress.getByName(address.getHost()).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false;
    }
  }

  /** An address without its query, which may hold a signature that is as good as a token. */
  static String describe(URI address) {
    String port = address.getPort() < 0 ? "" : ":" + address.getPort();
    return address.getScheme() + "://" + address.getHost() + port + address.getPath();
  }
}
