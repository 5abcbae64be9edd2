package dev.utter.cli.command.worker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;

/** Asks a worker of this machine about its drain. */
final class DrainClient {
  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final int OK = 200;
  private static final int CONFLICT = 409;

  private final HttpClient http = HttpClient.newBuilder().connectTimeout(TIMEOUT).build();
  private final String origin;

  /**
   * A client of one worker.
   *
   * @param address on which the worker serves health; loopback is asked for if it is any
   */
  DrainClient(String address, int port) throws UnknownHostException {
    InetAddress bound = InetAddress.getByName(address);
    String host =
        bound.isAnyLocalAddress()
            ? InetAddress.getLoopbackAddress().getHostAddress()
            : bound.getHostAddress();
    origin = "http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
  }

  /** How far the drain is. */
  JsonNode progress() throws IOException, InterruptedException {
    return send(request("/drain").build());
  }

  /** Begins a drain. */
  JsonNode begin(boolean exit) throws IOException, InterruptedException {
    return send(request(exit ? "/drain?exit" : "/drain").POST(BodyPublishers.noBody()).build());
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(origin + path)).timeout(TIMEOUT);
  }

  private JsonNode send(HttpRequest request) throws IOException, InterruptedException {
    HttpResponse<String> answer;
    try {
      answer = http.send(request, BodyHandlers.ofString());
    } catch (IOException e) {
      throw new IOException("the worker does not answer at " + origin, e);
    }
    if (answer.statusCode() != OK && answer.statusCode() != CONFLICT) {
      throw new IOException(
          "%s answered %d: %s".formatted(origin, answer.statusCode(), answer.body().strip()));
    }
    return new ObjectMapper().readTree(answer.body());
  }
}
