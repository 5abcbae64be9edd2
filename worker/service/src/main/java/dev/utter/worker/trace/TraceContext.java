package dev.utter.worker.trace;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;

/**
 * A trace context as the W3C's recommendation writes it into headers. Anybody can write headers, so
 * a value that breaks the recommendation, or is longer than it ever needs to be, counts as none.
 *
 * @param traceParent trace, span and flags
 * @param traceState what vendors add; empty if nothing
 */
public record TraceContext(String traceParent, Optional<String> traceState) {
  /** Header: trace, span and flags. */
  public static final String PARENT = "traceparent";

  /** Header: what vendors add. */
  public static final String STATE = "tracestate";

  private static final int PARENT_CHARS = 55;
  private static final int MAX_STATE_CHARS = 512;

  private static final Pattern VALID =
      Pattern.compile("00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-[0-9a-f]{2}");

  private static final Pattern VALID_STATE = Pattern.compile("[ -~\t]+");

  private static final int TRACE_ID = 3;
  private static final int SPAN_ID = 36;
  private static final int FLAGS = 53;
  private static final int HEX = 16;

  /** Reads the context of a record; empty if it has none that is valid. */
  public static Optional<TraceContext> of(Headers headers) {
    return text(headers, PARENT, PARENT_CHARS)
        .filter(parent -> VALID.matcher(parent).matches())
        .map(
            parent ->
                new TraceContext(
                    parent,
                    text(headers, STATE, MAX_STATE_CHARS)
                        .filter(state -> VALID_STATE.matcher(state).matches())));
  }

  /** The length in bytes is checked first, so that a large value is not decoded. */
  private static Optional<String> text(Headers headers, String name, int maxBytes) {
    Header header = headers.lastHeader(name);
    return header == null || header.value() == null || header.value().length > maxBytes
        ? Optional.empty()
        : Optional.of(new String(header.value(), ISO_8859_1));
  }

  /** Adds it to headers, in place of the one they may have. */
  public void write(Headers headers) {
    headers.remove(PARENT).add(PARENT, traceParent.getBytes(US_ASCII));
    headers.remove(STATE);
    traceState.ifPresent(state -> headers.add(STATE, state.getBytes(US_ASCII)));
  }

  public TraceIds ids() {
    return new TraceIds(
        traceParent.substring(TRACE_ID, TRACE_ID + 32),
        traceParent.substring(SPAN_ID, SPAN_ID + 16));
  }

  /** Whether whoever began the trace records it. */
  public boolean isSampled() {
    return (Integer.parseInt(traceParent.substring(FLAGS), HEX) & 1) != 0;
  }
}
