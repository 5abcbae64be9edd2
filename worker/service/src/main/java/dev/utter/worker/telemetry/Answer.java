package dev.utter.worker.telemetry;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;

/**
 * An answer of {@link TelemetryServer}.
 *
 * @param status HTTP status
 * @param type media type
 * @param body text
 */
record Answer(int status, String type, String body) {

  static Answer text(int status, String body) {
    return new Answer(status, "text/plain; charset=utf-8", body);
  }

  static Answer json(int status, String body) {
    return new Answer(status, "application/json", body);
  }

  /** As HTTP/1.1 sends it; the connection ends with it. */
  ByteBuffer encode() {
    byte[] content = body.getBytes(UTF_8);
    String head =
        "HTTP/1.1 %d %s\r\nContent-Type: %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n"
            .formatted(status, reason(), type, content.length);
    byte[] start = head.getBytes(US_ASCII);
    return ByteBuffer.allocate(start.length + content.length).put(start).put(content).flip();
  }

  private String reason() {
    return switch (status) {
      case 200 -> "OK";
      case 400 -> "Bad Request";
      case 403 -> "Forbidden";
      case 404 -> "Not Found";
      case 405 -> "Method Not Allowed";
      case 409 -> "Conflict";
      case 431 -> "Request Header Fields Too Large";
      case 503 -> "Service Unavailable";
      default -> "Unknown";
    };
  }
}
