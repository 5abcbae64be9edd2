package dev.utter.worker.trace;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Optional;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TraceContextTest {
  private static final String PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

  @Test
  void aValidContextIsRead() {
    // Given
    Headers headers = headers(PARENT).add("tracestate", "vendor=value,other=1".getBytes(UTF_8));

    // When
    TraceContext context = TraceContext.of(headers).orElseThrow();

    // Then
    assertThat(context.ids())
        .isEqualTo(new TraceIds("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"));
    assertThat(context.isSampled()).isTrue();
    assertThat(context.traceState()).contains("vendor=value,other=1");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "garbage",
        "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
        "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more",
        "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c_b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0\n"
      })
  void anInvalidParentCountsAsNone(String parent) {
    assertThat(TraceContext.of(headers(parent))).isEmpty();
  }

  @Test
  void aHugeParentCountsAsNone() {
    // Given
    byte[] huge = new byte[1 << 20];
    Arrays.fill(huge, (byte) '0');

    // Then
    assertThat(TraceContext.of(new RecordHeaders().add("traceparent", huge))).isEmpty();
    assertThat(TraceContext.of(new RecordHeaders().add("traceparent", null))).isEmpty();
    assertThat(TraceContext.of(new RecordHeaders())).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a=\u0001", "a=\u00e9"})
  void anInvalidStateIsLeftOut(String state) {
    assertThat(
            TraceContext.of(headers(PARENT).add("tracestate", state.getBytes(UTF_8)))
                .orElseThrow()
                .traceState())
        .isEmpty();
  }

  @Test
  void aHugeStateIsLeftOut() {
    assertThat(
            TraceContext.of(headers(PARENT).add("tracestate", "a=".repeat(500).getBytes(UTF_8)))
                .orElseThrow()
                .traceState())
        .isEmpty();
  }

  @Test
  void aContextReplacesTheOneThatHeadersHave() {
    // Given
    Headers headers = headers("garbage").add("traceparent", "more".getBytes(UTF_8));
    headers.add("tracestate", "old=1".getBytes(UTF_8)).add("other", "kept".getBytes(UTF_8));

    // When
    new TraceContext(PARENT, Optional.empty()).write(headers);

    // Then
    assertThat(headers.toArray()).extracting(Header::key).containsExactly("other", "traceparent");
    assertThat(headers.lastHeader("traceparent").value()).asString(UTF_8).isEqualTo(PARENT);
  }

  @Test
  void withoutTracingTheContextOfARecordIsPassedOn() {
    // Given
    RecordOrigin origin = new RecordOrigin("in", 0, 1, "group", Optional.empty());

    // When
    Headers result = new RecordHeaders();
    Tracing.OFF.follow(origin, headers(PARENT)).step("step").send("out").write(result);

    // Then
    assertThat(TraceContext.of(result)).contains(new TraceContext(PARENT, Optional.empty()));
    assertThat(Tracing.OFF.process(origin, headers("garbage"))).isSameAs(TraceSpan.NONE);
    assertThat(Tracing.OFF.current()).isEmpty();
  }

  private static Headers headers(String parent) {
    return new RecordHeaders().add("traceparent", parent.getBytes(UTF_8));
  }
}
