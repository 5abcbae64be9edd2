package dev.utter.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.utter.worker.trace.LogContext;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** The format of the log for operators and log collectors. */
class LogFormatTest {
  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
  private static final String FORGED = "ok\n2026-01-01T00:00:00Z ERROR forged\u001b[2J";

  @Test
  void aValueCannotForgeALine() throws Exception {
    assertThat(logged("text").lines())
        .singleElement()
        .asString()
        .contains("Record read", "key=\"ok?2026-01-01T00:00:00Z ERROR forged?[2J\"")
        .contains("requestId=order-7", "traceId=" + TRACE);
  }

  @Test
  void aJsonLineHasTheMessageItsValuesAndTheIdsOfRequestAndTrace() throws Exception {
    // When
    JsonNode line = new ObjectMapper().readTree(logged("json"));

    // Then
    assertThat(line.get("message").asText()).isEqualTo("Record read");
    assertThat(line.get("level").asText()).isEqualTo("ERROR");
    assertThat(line.get("kvpList").get(0).get("key").asText()).isEqualTo(FORGED);
    assertThat(line.get("mdc").get("requestId").asText()).isEqualTo("order-7");
    assertThat(line.get("mdc").get("traceId").asText()).isEqualTo(TRACE);
  }

  private static String logged(String format) throws Exception {
    URL file = Main.class.getResource("/logback.xml");
    PrintStream before = System.err;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    LoggerContext context = new LoggerContext();
    LogbackMDCAdapter ids = new LogbackMDCAdapter();
    ids.put(LogContext.REQUEST_ID, "order-7");
    ids.put(LogContext.TRACE_ID, TRACE);
    context.setMDCAdapter(ids);
    context.putProperty("UTTER_LOG_FORMAT", format);
    System.setErr(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    try {
      JoranConfigurator configurator = new JoranConfigurator();
      configurator.setContext(context);
      configurator.doConfigure(file);
      context.getLogger("dev.utter.X").atError().addKeyValue("key", FORGED).log("Record read");
    } finally {
      context.stop();
      System.setErr(before);
    }
    return bytes.toString(StandardCharsets.UTF_8).strip();
  }
}
