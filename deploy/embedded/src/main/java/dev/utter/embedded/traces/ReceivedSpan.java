package dev.utter.embedded.traces;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A span that was received.
 *
 * @param traceId 32 hexadecimal digits
 * @param spanId 16 hexadecimal digits
 * @param parentId 16 hexadecimal digits; empty for the first span of a trace
 * @param kind by its name in OpenTelemetry's specification
 * @param attributes texts, numbers and truth values as text
 * @param links spans that it names
 * @param failed whether its status is an error
 * @param resource attributes of what made it
 */
public record ReceivedSpan(
    String traceId,
    String spanId,
    Optional<String> parentId,
    String name,
    Kind kind,
    Map<String, String> attributes,
    List<Link> links,
    boolean failed,
    Map<String, String> resource) {

  /** What a span stands for. */
  public enum Kind {
    UNSPECIFIED,
    INTERNAL,
    SERVER,
    CLIENT,
    PRODUCER,
    CONSUMER
  }

  /** A span of this or another trace. */
  public record Link(String traceId, String spanId) {}
}
